/** Sagas in PostgreSQL: batches of new ones, batches of transitions, and reading. */
import { types, type Pool, type PoolClient } from 'pg';

import { inTransaction } from '../storage/postgres.ts';
import type { LogEntry, SagaRow } from './saga-row.ts';
import { KNOWN_HASHES } from './sagas.ts';

/** bigint columns hold milliseconds, which a double holds exactly. */
types.setTypeParser(types.builtins.INT8, Number);

export interface Transition {
  readonly row: SagaRow;
  readonly log: readonly LogEntry[];
}

/** What happens while rows are locked. */
export interface LockedMove {
  readonly move: (rows: ReadonlyMap<string, SagaRow>) => readonly Transition[];
  /** The rows stay locked until it is through; a throw leaves everything as it was. */
  readonly beforeCommit: () => void | Promise<void>;
}

export interface SagaFilter {
  readonly customerId?: string | undefined;
  readonly status?: string | undefined;
  /** Of this scenario run, whatever their names in it. */
  readonly run?: string | undefined;
  /** Only those that have waited for an answer since before this time, milliseconds since 1970. */
  readonly stuckSince?: number | undefined;
  readonly limit: number;
}

/** So many sagas, the newest, are found by the end of their id: anybody may ask, and each is read. */
export const ENDS_AMONG = 10_000;

/** When a due saga is to be looked at next. */
export interface Postponement {
  readonly attempt: number;
  readonly next_at: number;
}

/** What a transition writes into the log; the database adds the transaction that did it. */
const LOG_COLUMNS = 'saga_id, seq, at, kind, message_id, payload';
const ENTRY_COLUMNS = LOG_COLUMNS.replaceAll(/\w+/g, 'entry.$&');

/** In order of key, or two mediators that are asked for the same orders at once could wait for each other. */
const INSERT = `
  WITH input AS (SELECT * FROM jsonb_populate_recordset(null::saga, $1)),
  fresh AS (
    INSERT INTO saga SELECT * FROM input ORDER BY idempotency_key
    ON CONFLICT (idempotency_key) DO NOTHING RETURNING id),
  logged AS (
    INSERT INTO saga_log (${LOG_COLUMNS})
    SELECT ${ENTRY_COLUMNS} FROM jsonb_populate_recordset(null::saga_log, $2) AS entry
    JOIN fresh ON fresh.id = entry.saga_id)
  SELECT id FROM fresh`;

const LOCK = 'SELECT * FROM saga WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE';

/**
 * The rows are locked in order of id, or two mediators' batches could wait for each other. A saga that waits
 * for the same as before may have been taken by a sweeper meanwhile: its attempts and its clock stand.
 */
const MOVE = `
  WITH entry AS (SELECT * FROM jsonb_populate_recordset(null::saga_log, $2)),
  expected AS (SELECT saga_id AS id, min(seq) - 1 AS log_seq FROM entry GROUP BY saga_id),
  locked AS (
    SELECT saga.id FROM saga JOIN expected USING (id, log_seq) ORDER BY saga.id FOR UPDATE OF saga),
  moved AS (
    UPDATE saga SET
      status = next.status, pending = next.pending, progress = next.progress,
      attempt = CASE WHEN saga.entered_at = next.entered_at
        THEN greatest(saga.attempt, next.attempt) ELSE next.attempt END,
      next_at = CASE WHEN saga.entered_at = next.entered_at AND next.next_at <= next.updated_at
        THEN saga.next_at ELSE next.next_at END,
      entered_at = next.entered_at,
      trouble = next.trouble, data = next.data, open = next.open,
      log_seq = next.log_seq, updated_at = next.updated_at
    FROM jsonb_populate_recordset(null::saga, $1) AS next JOIN locked USING (id)
    WHERE saga.id = next.id RETURNING saga.id),
  logged AS (
    INSERT INTO saga_log (${LOG_COLUMNS})
    SELECT ${ENTRY_COLUMNS} FROM entry JOIN moved ON moved.id = entry.saga_id)
  SELECT id FROM moved`;

const MATCHING = `
  ($1::text IS NULL OR customer_id = $1) AND ($2::text IS NULL OR status = $2)
  AND ($3::text IS NULL OR split_part(run, '/', 1) = $3)`;

const LIST = `SELECT * FROM saga WHERE ${MATCHING} ORDER BY id DESC LIMIT $4`;

/** A statement of its own, whose `open` stands alone: so only the index of open sagas is read, not all history. */
const LIST_STUCK = `
  SELECT * FROM saga WHERE open AND entered_at < $5 AND pending <> '[]' AND ${MATCHING}
  ORDER BY id DESC LIMIT $4`;

/** Rows that another mediator is at are left to it. */
const DUE = `
  SELECT * FROM saga
  WHERE open AND next_at <= $1 AND definition_hash = ANY($2::text[])
  ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED`;

const POSTPONE = `
  UPDATE saga SET attempt = next.attempt, next_at = next.next_at
  FROM jsonb_to_recordset($1) AS next (id uuid, attempt int, next_at bigint)
  WHERE saga.id = next.id`;

/** Every statement works on a whole batch; a transition is durable when its promise resolves. */
export class SagaStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Inserts new sagas. Answers, for each, the row that holds its idempotency key now: its own or an older one. */
  async insert(batch: readonly Transition[]): Promise<readonly SagaRow[]> {
    const { rows } = await this.#pool.query<{ id: string }>({
      name: 'insert',
      text: INSERT,
      values: [json(batch.map((each) => each.row)), json(batch.flatMap((each) => each.log))],
    });
    const fresh = new Set(rows.map((each) => each.id));
    const older = batch.filter((each) => !fresh.has(each.row.id));
    const holders = await this.#byKeys(older.map((each) => each.row.idempotency_key));
    return batch.map(({ row }) => holders.get(row.idempotency_key) ?? row);
  }

  /**
   * Writes transitions in one statement. Answers the ids that were written; the others' rows are not what
   * the transition began from (their log is longer than it assumed), and are left alone.
   */
  async advance(batch: readonly Transition[]): Promise<ReadonlySet<string>> {
    return advance(this.#pool, batch);
  }

  /** Locks the rows, lets `move` decide on what they are now, and writes what it answers. */
  async transition(ids: readonly string[], { move, beforeCommit }: LockedMove): Promise<void> {
    await inTransaction(this.#pool, async (client) => {
      const moved = move(await lock(client, ids));
      if (moved.length > 0) await advance(client, moved);
      await beforeCommit();
    });
  }

  async find(id: string): Promise<SagaRow | undefined> {
    const { rows } = await this.#pool.query<SagaRow>('SELECT * FROM saga WHERE id = $1', [id]);
    return rows[0];
  }

  /** Those of these sagas that exist, in no order. */
  async findAll(ids: readonly string[]): Promise<readonly SagaRow[]> {
    const { rows } = await this.#pool.query<SagaRow>(
      'SELECT * FROM saga WHERE id = ANY($1::uuid[])',
      [ids],
    );
    return rows;
  }

  /** Ids between both ends, at most `limit`: for ids given by their beginning. */
  async idsBetween(first: string, last: string, limit: number): Promise<readonly string[]> {
    const { rows } = await this.#pool.query<{ id: string }>(
      'SELECT id FROM saga WHERE id BETWEEN $1 AND $2 ORDER BY id DESC LIMIT $3',
      [first, last, limit],
    );
    return rows.map((each) => each.id);
  }

  /** Newest first, at most `limit`. No index knows ends: only the newest `ENDS_AMONG` sagas are looked at. */
  async idsEndingWith(end: string, limit: number): Promise<readonly string[]> {
    const { rows } = await this.#pool.query<{ id: string }>(
      `SELECT id FROM (SELECT id FROM saga ORDER BY id DESC LIMIT $3) AS newest
       WHERE right(id::text, length($1)) = $1 ORDER BY id DESC LIMIT $2`,
      [end, limit, ENDS_AMONG],
    );
    return rows.map((each) => each.id);
  }

  async log(id: string): Promise<readonly LogEntry[]> {
    const { rows } = await this.#pool.query<LogEntry>(
      'SELECT * FROM saga_log WHERE saga_id = $1 ORDER BY seq',
      [id],
    );
    return rows;
  }

  /** Newest first. */
  async list(filter: SagaFilter): Promise<readonly SagaRow[]> {
    const { customerId, status, run, stuckSince, limit } = filter;
    const values = [customerId, status, run, limit];
    const { rows } =
      stuckSince === undefined
        ? await this.#pool.query<SagaRow>(LIST, values)
        : await this.#pool.query<SagaRow>(LIST_STUCK, [...values, stuckSince]);
    return rows;
  }

  /**
   * Takes sagas whose time has come, at most `limit`, and sets their clock anew, so that no other mediator
   * takes them at once. Answers them as they were.
   */
  async takeDue(
    now: number,
    limit: number,
    postpone: (row: SagaRow) => Postponement,
  ): Promise<readonly SagaRow[]> {
    return inTransaction(this.#pool, async (client) => {
      const values = [now, KNOWN_HASHES, limit];
      const { rows } = await client.query<SagaRow>({ name: 'due', text: DUE, values });
      if (rows.length === 0) return rows;
      const next = rows.map((row) => ({ id: row.id, ...postpone(row) }));
      await client.query({ name: 'postpone', text: POSTPONE, values: [json(next)] });
      return rows;
    });
  }

  /** Definitions of open sagas that this program does not have, as text. */
  async unknownDefinitions(): Promise<readonly string[]> {
    const { rows } = await this.#pool.query<{ name: string }>(
      `SELECT DISTINCT definition || ' version ' || definition_version AS name
       FROM saga WHERE open AND definition_hash <> ALL($1::text[])`,
      [KNOWN_HASHES],
    );
    return rows.map((each) => each.name);
  }

  /** Sagas on their way forward or back, at most `limit`: those that rest or wait for a receipt are not counted. */
  async countBusy(limit: number): Promise<number> {
    const { rows } = await this.#pool.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM
         (SELECT 1 FROM saga WHERE open AND progress->>'phase' IN ('forward', 'undoing') LIMIT $1) AS busy`,
      [limit],
    );
    return rows[0]?.count ?? 0;
  }

  /** Throws when the database does not answer, or lets nothing be written. */
  async ping(): Promise<void> {
    await this.#pool.query('UPDATE saga SET open = open WHERE false');
  }

  async #byKeys(keys: readonly string[]): Promise<ReadonlyMap<string, SagaRow>> {
    if (keys.length === 0) return new Map();
    const { rows } = await this.#pool.query<SagaRow>(
      'SELECT * FROM saga WHERE idempotency_key = ANY($1::text[])',
      [keys],
    );
    return new Map(rows.map((row) => [row.idempotency_key, row]));
  }
}

async function advance(
  client: Pool | PoolClient,
  batch: readonly Transition[],
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ id: string }>({
    name: 'move',
    text: MOVE,
    values: [json(batch.map((each) => each.row)), json(batch.flatMap((each) => each.log))],
  });
  return new Set(rows.map((each) => each.id));
}

async function lock(
  client: PoolClient,
  ids: readonly string[],
): Promise<ReadonlyMap<string, SagaRow>> {
  const { rows } = await client.query<SagaRow>({ name: 'lock', text: LOCK, values: [ids] });
  return new Map(rows.map((row) => [row.id, row]));
}

function json(rows: readonly unknown[]): string {
  return JSON.stringify(rows);
}
