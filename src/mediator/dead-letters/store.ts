/** Dead letters in PostgreSQL: one row for each message, however often it died. */
import { types, type Pool } from 'pg';

import type { DeadLetterReason, DeadLetterView } from '../../contracts/dead-letters.ts';
import { RejectedError } from '../../kernel/errors.ts';
import type { WireTable } from '../../messaging/bus.ts';
import type { DeadLetterRecord } from './record.ts';

/** bigint columns hold milliseconds and bytes, which a double holds exactly. */
types.setTypeParser(types.builtins.INT8, Number);

/** More stay in the broker's queue, and in their own queues when that is full: nothing is thrown away. */
const MAX_ROWS = 10_000;
const MAX_BYTES = 268_435_456;
/** What is counted is not counted again before so much was saved: several mediators may go beyond by as much each. */
const ROWS_BETWEEN_COUNTS = 100;
const BYTES_BETWEEN_COUNTS = 16_777_216;
/** What was sent again is kept for a while, to be looked at. */
const MAX_RETRIED = 1_000;

export interface DeadLetterRow {
  readonly id: string;
  readonly state: DeadLetterView['state'];
  readonly reason: DeadLetterReason;
  readonly detail: string;
  readonly service: string | null;
  readonly queue: string;
  readonly exchange: string;
  readonly routing_key: string;
  readonly type: string | null;
  readonly message_id: string | null;
  readonly order_id: string | null;
  readonly trace_id: string | null;
  readonly run: string | null;
  readonly size_bytes: number;
  readonly is_kept: boolean;
  readonly copy: string;
  readonly times: number;
  readonly first_at: number;
  readonly last_at: number;
  readonly retries: number;
  readonly retried_at: number | null;
}

/** A row with its message. */
export interface WholeRow extends DeadLetterRow {
  readonly properties: WireTable;
  readonly content: Buffer;
}

export interface RowFilter {
  readonly ids?: readonly string[] | undefined;
  readonly state?: string | undefined;
  readonly type?: string | undefined;
  readonly reason?: string | undefined;
  /** An order's id, its beginning or its end; digits, letters and dashes only. */
  readonly order?: string | undefined;
  /** A scenario run; whichever of its orders. */
  readonly run?: string | undefined;
}

const FACTS = `id, state, reason, detail, service, queue, exchange, routing_key, type, message_id,
  order_id, trace_id, run, size_bytes, is_kept, copy, times, first_at, last_at, retries, retried_at`;

const SAVED = [
  'id',
  'reason',
  'detail',
  'service',
  'queue',
  'exchange',
  'routing_key',
  'type',
  'message_id',
  'order_id',
  'trace_id',
  'run',
  'properties',
  'content',
  'is_kept',
  'size_bytes',
  'copy',
  'died_at',
] as const satisfies readonly (keyof DeadLetterRecord)[];

/** The same copy again, after a crash before the ack, changes nothing: not even a row that was retried since. */
const SAVE = `
  INSERT INTO dead_letter AS known (${SAVED.slice(0, -1).join(', ')}, first_at, last_at)
  VALUES (${SAVED.map((_, index) => `$${index + 1}`).join(', ')}, $${SAVED.length})
  ON CONFLICT (id) DO UPDATE SET
    state = 'dead', reason = excluded.reason, detail = excluded.detail, service = excluded.service,
    properties = excluded.properties, copy = excluded.copy, times = known.times + 1,
    last_at = greatest(known.last_at, excluded.last_at)
  WHERE known.copy <> excluded.copy`;

const MATCHING = `
  ($1::text[] IS NULL OR id = ANY($1)) AND ($2::text IS NULL OR state = $2)
  AND ($3::text IS NULL OR type = $3) AND ($4::text IS NULL OR reason = $4)
  AND ($5::text IS NULL OR order_id LIKE $5 || '%' OR order_id LIKE '%' || $5)
  AND ($6::text IS NULL OR split_part(run, '/', 1) = $6)`;

export class DeadLetterStore {
  readonly #pool: Pool;
  /** What this mediator may save before it counts again. */
  #room: Room = { rows: 0, bytes: 0 };

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Durable when resolved. @throws RejectedError `overloaded` when as many are kept as may be. */
  async save(record: DeadLetterRecord): Promise<void> {
    if (!hasSome(this.#room)) await this.#findRoom();
    const { rows, bytes } = this.#room;
    this.#room = { rows: rows - 1, bytes: bytes - (record.is_kept ? record.size_bytes : 0) };
    await this.#pool.query(
      SAVE,
      SAVED.map((column) => record[column]),
    );
  }

  /** The one that died last first; all that match are counted. */
  async list(filter: RowFilter, limit: number): Promise<{ rows: DeadLetterRow[]; total: number }> {
    const values = valuesOf(filter);
    const { rows } = await this.#pool.query<DeadLetterRow>(
      `SELECT ${FACTS} FROM dead_letter WHERE ${MATCHING} ORDER BY last_at DESC, id LIMIT $7`,
      [...values, limit],
    );
    return { rows, total: await this.#count(values) };
  }

  /** The one that died first first: retries keep the order of messages as well as they can. */
  async oldest(
    filter: RowFilter,
    limit: number,
  ): Promise<{ rows: DeadLetterRow[]; total: number }> {
    const values = valuesOf(filter);
    const { rows } = await this.#pool.query<DeadLetterRow>(
      `SELECT ${FACTS} FROM dead_letter WHERE ${MATCHING} ORDER BY first_at, id LIMIT $7`,
      [...values, limit],
    );
    return { rows, total: await this.#count(values) };
  }

  async find(id: string): Promise<WholeRow | undefined> {
    const { rows } = await this.#pool.query<WholeRow>('SELECT * FROM dead_letter WHERE id = $1', [
      id,
    ]);
    return rows[0];
  }

  /** Ids that begin so, at most `limit`. */
  async idsLike(beginning: string, limit: number): Promise<readonly string[]> {
    const { rows } = await this.#pool.query<{ id: string }>(
      `SELECT id FROM dead_letter WHERE id LIKE $1 || '%' ORDER BY id LIMIT $2`,
      [beginning, limit],
    );
    return rows.map((each) => each.id);
  }

  /** Unless it died again meanwhile: that copy waits for somebody of its own. */
  async markRetried({ id, copy }: Pick<DeadLetterRow, 'id' | 'copy'>, at: number): Promise<void> {
    await this.#pool.query(
      `UPDATE dead_letter SET retries = retries + 1, retried_at = $3,
         state = CASE WHEN copy = $2 THEN 'retried' ELSE state END
       WHERE id = $1`,
      [id, copy, at],
    );
    await this.#pool.query(
      `DELETE FROM dead_letter WHERE id IN (
         SELECT id FROM dead_letter WHERE state = 'retried' ORDER BY retried_at DESC OFFSET $1)`,
      [MAX_RETRIED],
    );
  }

  /** Removes them for good, except what died again since it was read. Answers the ids that went. */
  async drop(rows: readonly Pick<DeadLetterRow, 'id' | 'copy'>[]): Promise<ReadonlySet<string>> {
    const { rows: gone } = await this.#pool.query<{ id: string }>(
      `DELETE FROM dead_letter USING unnest($1::text[], $2::text[]) AS known (id, copy)
       WHERE dead_letter.id = known.id AND dead_letter.copy = known.copy RETURNING dead_letter.id`,
      [rows.map((each) => each.id), rows.map((each) => each.copy)],
    );
    return new Set(gone.map((each) => each.id));
  }

  async #count(values: readonly unknown[]): Promise<number> {
    const { rows } = await this.#pool.query<{ total: number }>(
      `SELECT count(*) AS total FROM dead_letter WHERE ${MATCHING}`,
      [...values],
    );
    return rows[0]?.total ?? 0;
  }

  /** @throws RejectedError `overloaded` */
  async #findRoom(): Promise<void> {
    this.#room = await this.#countRoom();
    if (hasSome(this.#room)) return;
    await this.#pool.query(`DELETE FROM dead_letter WHERE state = 'retried'`);
    this.#room = await this.#countRoom();
    if (hasSome(this.#room)) return;
    throw new RejectedError('overloaded', 'No more dead letters can be kept');
  }

  /** Reads every row. */
  async #countRoom(): Promise<Room> {
    const { rows } = await this.#pool.query<Room>(
      'SELECT count(*) AS rows, coalesce(sum(size_bytes) FILTER (WHERE is_kept), 0)::bigint AS bytes FROM dead_letter',
    );
    const kept = rows[0] ?? { rows: 0, bytes: 0 };
    return {
      rows: Math.min(MAX_ROWS - kept.rows, ROWS_BETWEEN_COUNTS),
      bytes: Math.min(MAX_BYTES - kept.bytes, BYTES_BETWEEN_COUNTS),
    };
  }
}

interface Room {
  readonly rows: number;
  readonly bytes: number;
}

function hasSome({ rows, bytes }: Room): boolean {
  return rows > 0 && bytes > 0;
}

function valuesOf({ ids, state, type, reason, order, run }: RowFilter): readonly unknown[] {
  return [ids, state, type, reason, order, run];
}
