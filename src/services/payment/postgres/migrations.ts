/** The history of the payment schema on PostgreSQL. A published step is never edited. */
import type { Migration } from '../../../storage/migration.ts';
import { POSTGRES_INBOX } from '../../../storage/postgres-inbox.ts';

/** The same tables and CHECKs as on SQLite; `revision` tells whether a ledger is still the one that was read. */
export const POSTGRES_MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'ledger and provider',
    sql: `
      ${POSTGRES_INBOX}
      CREATE TABLE ledger (
        order_id text COLLATE "C" PRIMARY KEY,
        idempotency_key text COLLATE "C" UNIQUE,
        request_hash text,
        method_kind text,
        state text NOT NULL
          CHECK (state IN ('PENDING', 'CAPTURED', 'DECLINED', 'VOIDED', 'REFUNDED')),
        amount_cents int NOT NULL CHECK (amount_cents >= 0),
        captured_cents int NOT NULL CHECK (captured_cents IN (0, amount_cents)),
        refunded_cents int NOT NULL CHECK (refunded_cents IN (0, captured_cents)),
        payment_id text,
        reason text,
        revision int NOT NULL DEFAULT 1,
        created_at bigint NOT NULL,
        updated_at bigint NOT NULL
      );
      CREATE TABLE ledger_entry (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        order_id text COLLATE "C" NOT NULL REFERENCES ledger,
        kind text NOT NULL CHECK (kind IN ('capture', 'return')),
        cents int NOT NULL CHECK (cents >= 0),
        at bigint NOT NULL
      );
      CREATE INDEX ledger_entry_order ON ledger_entry (order_id);
      CREATE FUNCTION ledger_entry_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'a ledger entry is never changed or deleted'; END $$;
      CREATE TRIGGER ledger_entry_is_kept BEFORE UPDATE OR DELETE ON ledger_entry
        FOR EACH ROW EXECUTE FUNCTION ledger_entry_is_kept();
      CREATE TABLE provider_charge (
        idempotency_key text COLLATE "C" PRIMARY KEY,
        order_id text COLLATE "C" NOT NULL,
        charge_id text NOT NULL,
        amount_cents int NOT NULL,
        outcome text NOT NULL
          CHECK (outcome IN ('processing', 'captured', 'declined', 'cancelled', 'returned')),
        reason text,
        settles_at bigint NOT NULL
      );
      CREATE INDEX provider_charge_order ON provider_charge (order_id);
    `,
  },
];
