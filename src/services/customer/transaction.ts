/** One transaction of the customer service: reads at once, writes gathered into one statement per table. */
import type pg from 'pg';

import type { HistoryEntry, Profile } from '../../contracts/customer.ts';
import type { InboxTx, Reply } from '../../messaging/participant.ts';
import { answeredSagas, forgetAnswers } from '../../storage/postgres-forgetting.ts';
import type { SagaIdRange } from '../../storage/sqlite-inbox.ts';
import { PROFILE_COLUMNS, entryOf, profileOf, type EntryRow, type ProfileRow } from './rows.ts';

interface Answered {
  readonly messageId: string;
  readonly sagaId: string;
  readonly reply: Reply;
}

/** A history entry with its owner. */
export interface RecordedOrder extends Omit<HistoryEntry, 'cancelledAt'> {
  readonly customerId: string;
}

/** What is to be written about an order: either of both, in whatever order they came. */
interface Change {
  readonly orderId: string;
  readonly recorded?: RecordedOrder;
  /** Milliseconds since 1970. */
  readonly cancelledAt?: number;
}

/**
 * A group of a hundred commands then costs a hundred look-ups and two inserts. Reads see the gathered
 * writes, because they are flushed first; whoever runs the transaction flushes before the commit.
 */
export class CustomerTx implements InboxTx {
  readonly #client: pg.ClientBase;
  readonly #answered = new Map<string, Answered>();
  readonly #changes = new Map<string, Change>();

  constructor(client: pg.ClientBase) {
    this.#client = client;
  }

  async findReply(messageId: string): Promise<Reply | undefined> {
    const gathered = this.#answered.get(messageId);
    if (gathered !== undefined) return gathered.reply;
    const { rows } = await this.#client.query<{ reply: Reply }>({
      name: 'find-reply',
      text: 'SELECT reply FROM inbox WHERE message_id = $1',
      values: [messageId],
    });
    return rows[0]?.reply;
  }

  saveReply(messageId: string, sagaId: string, reply: Reply): Promise<void> {
    this.#answered.set(messageId, { messageId, sagaId, reply });
    return Promise.resolve();
  }

  /** Changes no row, and is refused where none could be changed. */
  async touch(): Promise<void> {
    await this.#client.query('UPDATE inbox SET reply = reply WHERE false');
  }

  answeredSagas(range: SagaIdRange): Promise<string[]> {
    return answeredSagas(this.#client, range);
  }

  forgetAnswers(sagaIds: readonly string[]): Promise<void> {
    return forgetAnswers(this.#client, sagaIds);
  }

  /** Once per order, whatever message says it. */
  recordOrder(recorded: RecordedOrder): void {
    this.#change({ recorded, orderId: recorded.orderId });
  }

  /** The order stands no more, and will not when it is recorded later. */
  cancelOrder(orderId: string, cancelledAt: number): void {
    this.#change({ cancelledAt, orderId });
  }

  /** Existing profiles stay as they are. Those of a scenario run are left out of lists. */
  async register(customers: readonly Profile[], run?: string): Promise<void> {
    await this.#client.query(
      `INSERT INTO profile (${PROFILE_COLUMNS}, run)
       SELECT each->>'id', each->>'name', each->>'email', each->'address'->>'street',
              each->'address'->>'postalCode', each->'address'->>'city', each->'address'->>'country', $2
       FROM jsonb_array_elements($1::jsonb) AS each
       ORDER BY 1
       ON CONFLICT (id) DO NOTHING`,
      [JSON.stringify(customers), run ?? null],
    );
  }

  async findProfile(customerId: string): Promise<Profile | undefined> {
    const { rows } = await this.#client.query<ProfileRow>({
      name: 'find-profile',
      text: `SELECT ${PROFILE_COLUMNS} FROM profile WHERE id = $1`,
      values: [customerId],
    });
    return rows[0] === undefined ? undefined : profileOf(rows[0]);
  }

  /** The newest entries first, cancelled ones included, and how many there are in all. */
  async historyOf(
    customerId: string,
    limit: number,
  ): Promise<{ orders: HistoryEntry[]; orderCount: number }> {
    await this.flush();
    const count = await this.#client.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM order_history WHERE customer_id = $1',
      [customerId],
    );
    const { rows } = await this.#client.query<EntryRow>(
      `SELECT order_id, lines, total_cents, currency, recorded_at, cancelled_at FROM order_history
       WHERE customer_id = $1 ORDER BY recorded_at DESC, order_id DESC LIMIT $2`,
      [customerId, limit],
    );
    return { orders: rows.map(entryOf), orderCount: count.rows[0]?.count ?? 0 };
  }

  /** A page in order of id, and how many customers there are in all. */
  async listProfiles(page: {
    readonly limit: number;
    readonly offset: number;
  }): Promise<{ customers: Array<Profile & { orderCount: number }>; total: number }> {
    await this.flush();
    const total = await this.#client.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM profile WHERE run IS NULL',
    );
    const { rows } = await this.#client.query<ProfileRow & { order_count: number }>(
      `SELECT ${PROFILE_COLUMNS}, (
         SELECT count(*)::int FROM order_history WHERE customer_id = profile.id
       ) AS order_count
       FROM profile WHERE run IS NULL ORDER BY id LIMIT $1 OFFSET $2`,
      [page.limit, page.offset],
    );
    const customers = rows.map((row) => ({ ...profileOf(row), orderCount: row.order_count }));
    return { customers, total: total.rows[0]?.count ?? 0 };
  }

  /** How often each order stands in a history; orders that are in none, or cancelled, are left out. */
  async countRecords(
    orderIds: readonly string[],
  ): Promise<Array<{ orderId: string; records: number }>> {
    await this.flush();
    const { rows } = await this.#client.query<{ order_id: string; records: number }>(
      `SELECT order_id, count(*)::int AS records FROM order_history
       WHERE order_id = ANY($1::uuid[]) AND cancelled_at IS NULL GROUP BY order_id ORDER BY order_id`,
      [orderIds],
    );
    return rows.map((row) => ({ orderId: row.order_id, records: row.records }));
  }

  /** Writes what was gathered; sorted, so that two processes never wait for each other in a circle. */
  async flush(): Promise<void> {
    await this.#flushChanges();
    await this.#flushAnswered();
  }

  #change(change: Change): void {
    this.#changes.set(change.orderId, { ...change, ...this.#changes.get(change.orderId) });
  }

  /** One row per order, and whatever comes second completes it: which of both that is changes nothing. */
  async #flushChanges(): Promise<void> {
    const changes = takeSorted(this.#changes);
    if (changes.length === 0) return;
    const recorded = (key: keyof RecordedOrder): unknown[] =>
      changes.map((each) => each.recorded?.[key] ?? null);
    await this.#client.query({
      name: 'change-history',
      text: `INSERT INTO order_history AS known
               (order_id, customer_id, lines, total_cents, currency, recorded_at, cancelled_at)
             SELECT * FROM unnest($1::uuid[], $2::text[], $3::jsonb[], $4::int[], $5::text[],
                                  $6::bigint[], $7::bigint[])
             ON CONFLICT (order_id) DO UPDATE SET
               customer_id = coalesce(known.customer_id, excluded.customer_id),
               lines = coalesce(known.lines, excluded.lines),
               total_cents = coalesce(known.total_cents, excluded.total_cents),
               currency = coalesce(known.currency, excluded.currency),
               recorded_at = coalesce(known.recorded_at, excluded.recorded_at),
               cancelled_at = coalesce(known.cancelled_at, excluded.cancelled_at)`,
      values: [
        changes.map((each) => each.orderId),
        recorded('customerId'),
        changes.map(({ recorded: order }) => (order ? JSON.stringify(order.lines) : null)),
        recorded('totalCents'),
        recorded('currency'),
        recorded('recordedAt'),
        changes.map((each) => each.cancelledAt ?? null),
      ],
    });
  }

  async #flushAnswered(): Promise<void> {
    const answered = takeSorted(this.#answered);
    if (answered.length === 0) return;
    await this.#client.query({
      name: 'save-replies',
      text: `INSERT INTO inbox (message_id, saga_id, reply)
             SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[])
             ON CONFLICT (message_id) DO NOTHING`,
      values: [
        answered.map((each) => each.messageId),
        answered.map((each) => each.sagaId),
        answered.map((each) => JSON.stringify(each.reply)),
      ],
    });
  }
}

function takeSorted<Value>(gathered: Map<string, Value>): Value[] {
  const sorted = [...gathered].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  gathered.clear();
  return sorted;
}
