/** One transaction of the customer service: reads at once, writes gathered into one statement per table. */
import type pg from 'pg';

import type { HistoryEntry, Profile } from '../../contracts/customer.ts';
import type { InboxTx, Reply } from '../../messaging/participant.ts';
import { PROFILE_COLUMNS, entryOf, profileOf, type EntryRow, type ProfileRow } from './rows.ts';

interface Answered {
  readonly messageId: string;
  readonly sagaId: string;
  readonly reply: Reply;
}

/** A history entry with its owner. */
export interface RecordedOrder extends HistoryEntry {
  readonly customerId: string;
}

/**
 * A group of a hundred commands then costs a hundred look-ups and two inserts. Reads see the gathered
 * writes, because they are flushed first; whoever runs the transaction flushes before the commit.
 */
export class CustomerTx implements InboxTx {
  readonly #client: pg.ClientBase;
  readonly #answered = new Map<string, Answered>();
  readonly #orders = new Map<string, RecordedOrder>();

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

  /** Once per order, whatever message says it. */
  recordOrder(order: RecordedOrder): void {
    if (!this.#orders.has(order.orderId)) this.#orders.set(order.orderId, order);
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

  /** The newest entries first, and how many there are in all. */
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
      `SELECT order_id, lines, total_cents, currency, recorded_at FROM order_history
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

  /** How often each order stands in a history; orders that are in none are left out. */
  async countRecords(
    orderIds: readonly string[],
  ): Promise<Array<{ orderId: string; records: number }>> {
    await this.flush();
    const { rows } = await this.#client.query<{ order_id: string; records: number }>(
      `SELECT order_id, count(*)::int AS records FROM order_history
       WHERE order_id = ANY($1::uuid[]) GROUP BY order_id ORDER BY order_id`,
      [orderIds],
    );
    return rows.map((row) => ({ orderId: row.order_id, records: row.records }));
  }

  /** Writes what was gathered; sorted, so that two processes never wait for each other in a circle. */
  async flush(): Promise<void> {
    await this.#flushOrders();
    await this.#flushAnswered();
  }

  async #flushOrders(): Promise<void> {
    const orders = takeSorted(this.#orders);
    if (orders.length === 0) return;
    await this.#client.query({
      name: 'record-orders',
      text: `INSERT INTO order_history
               (order_id, customer_id, lines, total_cents, currency, recorded_at)
             SELECT * FROM unnest($1::uuid[], $2::text[], $3::jsonb[], $4::int[], $5::text[], $6::bigint[])
             ON CONFLICT (order_id) DO NOTHING`,
      values: [
        orders.map((each) => each.orderId),
        orders.map((each) => each.customerId),
        orders.map((each) => JSON.stringify(each.lines)),
        orders.map((each) => each.totalCents),
        orders.map((each) => each.currency),
        orders.map((each) => each.recordedAt),
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
