/** History of the schema `mediator`: the sagas and their append-only log. */
import type { Migration } from '../storage/migration.ts';

export const MEDIATOR_MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'sagas and their log',
    // fillfactor and the partial index keep transitions HOT: no index changes while a saga moves on.
    sql: `
      CREATE TABLE saga (
        id uuid PRIMARY KEY,
        definition text NOT NULL,
        definition_version int NOT NULL,
        definition_hash text NOT NULL,
        status text NOT NULL,
        -- What was sent and not answered: the outbox. State and intent are one write.
        pending jsonb NOT NULL,
        progress jsonb NOT NULL,
        attempt int NOT NULL,
        next_at bigint,
        data jsonb NOT NULL,
        open boolean NOT NULL,
        log_seq int NOT NULL,
        customer_id text NOT NULL,
        idempotency_key text NOT NULL UNIQUE,
        body_hash text NOT NULL,
        origin text NOT NULL,
        traceparent text NOT NULL,
        run text,
        created_at bigint NOT NULL,
        updated_at bigint NOT NULL
      ) WITH (fillfactor = 70);
      CREATE INDEX saga_open ON saga (id) WHERE open;
      CREATE INDEX saga_customer ON saga (customer_id, id);
      CREATE TABLE saga_log (
        saga_id uuid NOT NULL,
        seq int NOT NULL,
        at bigint NOT NULL,
        kind text NOT NULL,
        message_id text,
        payload jsonb NOT NULL,
        PRIMARY KEY (saga_id, seq)
      );`,
  },
  {
    version: 2,
    name: 'timers, stuck sagas, endings',
    // Sagas of the first version know their outcome and their milestone only from now on.
    sql: `
      -- Since when what is pending is awaited: a resend does not change it.
      ALTER TABLE saga ADD COLUMN entered_at bigint;
      -- Why a participant asked for a pause, in its own words.
      ALTER TABLE saga ADD COLUMN trouble text;
      UPDATE saga SET entered_at = updated_at;
      ALTER TABLE saga ALTER COLUMN entered_at SET NOT NULL;
      UPDATE saga SET next_at = 0 WHERE open AND next_at IS NULL;
      UPDATE saga SET progress = progress || jsonb_build_object(
        'outcome', CASE WHEN status = 'confirmed' THEN 'success' ELSE 'failure' END,
        'milestone', 0)
      WHERE open AND progress->>'phase' IN ('undoing', 'telling');`,
  },
  {
    version: 3,
    name: 'the saga log is read in the order of its transactions',
    // Entries of before come first. The default is the transaction's own number, so nobody can forge a place.
    sql: `
      ALTER TABLE saga_log ADD COLUMN xid xid8 NOT NULL DEFAULT '0';
      ALTER TABLE saga_log ALTER COLUMN xid SET DEFAULT pg_current_xact_id();
      CREATE UNIQUE INDEX saga_log_by_transaction ON saga_log (xid, saga_id, seq);`,
  },
  {
    version: 4,
    name: 'dead letters',
    // Texts and properties come from whoever could publish: json keeps escapes that jsonb refuses.
    sql: `
      CREATE TABLE dead_letter (
        id text PRIMARY KEY,
        state text NOT NULL DEFAULT 'dead' CHECK (state IN ('dead', 'retried')),
        reason text NOT NULL,
        detail text NOT NULL,
        service text,
        queue text NOT NULL,
        exchange text NOT NULL,
        routing_key text NOT NULL,
        type text,
        message_id text,
        order_id text,
        trace_id text,
        properties json NOT NULL,
        content bytea NOT NULL,
        is_kept boolean NOT NULL,
        size_bytes bigint NOT NULL,
        -- The copy that was stored last: the same one again is no further death.
        copy text NOT NULL,
        times int NOT NULL DEFAULT 1,
        first_at bigint NOT NULL,
        last_at bigint NOT NULL,
        retries int NOT NULL DEFAULT 0,
        retried_at bigint
      );`,
  },
  {
    version: 5,
    name: 'what belongs to a scenario run',
    // A label is <run>/<order>. What moves a saga on never changes it, so transitions stay HOT.
    sql: `
      CREATE INDEX saga_run ON saga (split_part(run, '/', 1), id) WHERE run IS NOT NULL;
      ALTER TABLE dead_letter ADD COLUMN run text;`,
  },
];
