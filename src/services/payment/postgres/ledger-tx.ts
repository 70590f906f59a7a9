/** One transaction on the ledger in PostgreSQL: reads at once and without locks, writes at its end. */
import type { ClientBase } from 'pg';

import type { Clock } from '../../../kernel/clock.ts';
import { LostRaceError } from '../../../storage/optimistic.ts';
import { PostgresInbox, sortedValues } from '../../../storage/postgres-inbox.ts';
import { LEDGER_COLUMNS, ledgerOf, ledgerRowOf, type LedgerRow } from '../ledger-row.ts';
import type { Ledger, Movement, PaymentTx } from '../store.ts';

/** A ledger as this transaction knows it. */
interface Known {
  /** Of the row that was read; undefined when there was none. */
  readonly revision: number | undefined;
  readonly ledger: Ledger | undefined;
  readonly isChanged: boolean;
}

type Entry = Movement & { readonly orderId: string };

/** A ledger is written only as long as it is the one that was read, or all works run again. */
export class PostgresLedgerTx extends PostgresInbox implements PaymentTx {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  readonly #entries: Entry[] = [];

  constructor(client: ClientBase, clock: Clock) {
    super(client);
    this.#clock = clock;
  }

  async findLedger(orderId: string): Promise<Ledger | undefined> {
    return (await this.#read(orderId)).ledger;
  }

  async saveLedger(ledger: Ledger, movements: readonly Movement[]): Promise<void> {
    const { orderId } = ledger;
    const { revision, ledger: before } = await this.#read(orderId);
    // What was asked for never changes: only the outcome does.
    const after = before === undefined ? ledger : { ...ledger, request: before.request };
    this.#known.set(orderId, { revision, ledger: after, isChanged: true });
    this.#entries.push(...movements.map((movement) => ({ orderId, ...movement })));
  }

  async ledgersOf(orderIds: readonly string[]): Promise<Ledger[]> {
    await this.#write();
    const { rows } = await this.client.query<LedgerRow>(
      `SELECT ${LEDGER_COLUMNS} FROM ledger WHERE order_id = ANY($1)`,
      [orderIds],
    );
    return rows.map(ledgerOf);
  }

  async movementsOf(orderId: string): Promise<Movement[]> {
    await this.#write();
    const { rows } = await this.client.query<Movement>(
      'SELECT kind, cents FROM ledger_entry WHERE order_id = $1 ORDER BY seq',
      [orderId],
    );
    return rows;
  }

  /** @throws LostRaceError */
  async flush(): Promise<void> {
    await this.#write();
    await this.flushAnswers();
  }

  async #read(orderId: string): Promise<Known> {
    const known = this.#known.get(orderId);
    if (known !== undefined) return known;
    const { rows } = await this.client.query<LedgerRow & { revision: number }>({
      name: 'find-ledger',
      text: `SELECT ${LEDGER_COLUMNS}, revision FROM ledger WHERE order_id = $1`,
      values: [orderId],
    });
    const [row] = rows;
    const ledger = row === undefined ? undefined : ledgerOf(row);
    const read = { revision: row?.revision, ledger, isChanged: false };
    this.#known.set(orderId, read);
    return read;
  }

  async #write(): Promise<void> {
    const rows = sortedValues(this.#known).flatMap(({ ledger, revision, isChanged }) =>
      ledger === undefined || !isChanged ? [] : [{ ...ledgerRowOf(ledger), revision }],
    );
    this.#known.clear();
    const at = this.#clock.now();
    await this.#insert(
      rows.filter((row) => row.revision === undefined),
      at,
    );
    await this.#update(
      rows.filter((row) => row.revision !== undefined),
      at,
    );
    await this.#append(this.#entries.splice(0), at);
  }

  async #insert(rows: readonly LedgerRow[], at: number): Promise<void> {
    if (rows.length === 0) return;
    const { rowCount } = await this.client.query({
      name: 'insert-ledgers',
      text: `INSERT INTO ledger (order_id, idempotency_key, request_hash, method_kind, state,
               amount_cents, captured_cents, refunded_cents, payment_id, reason, created_at, updated_at)
             SELECT "orderId", "idempotencyKey", hash, kind, state, "amountCents", "capturedCents",
               "refundedCents", "paymentId", reason, $2, $2
             FROM jsonb_to_recordset($1::jsonb) AS row ("orderId" text, "idempotencyKey" text,
               hash text, kind text, state text, "amountCents" int, "capturedCents" int,
               "refundedCents" int, "paymentId" text, reason text)
             ORDER BY "orderId" COLLATE "C"
             ON CONFLICT (order_id) DO NOTHING`,
      values: [JSON.stringify(rows), at],
    });
    if (rowCount !== rows.length) throw new LostRaceError('a new ledger');
  }

  async #update(rows: readonly LedgerRow[], at: number): Promise<void> {
    if (rows.length === 0) return;
    await this.client.query({
      name: 'lock-ledgers',
      text: 'SELECT 1 FROM ledger WHERE order_id = ANY($1) ORDER BY order_id FOR UPDATE',
      values: [rows.map((row) => row.orderId)],
    });
    const { rowCount } = await this.client.query({
      name: 'update-ledgers',
      text: `UPDATE ledger SET state = row.state, captured_cents = row."capturedCents",
               refunded_cents = row."refundedCents", payment_id = row."paymentId",
               reason = row.reason, revision = ledger.revision + 1, updated_at = $2
             FROM jsonb_to_recordset($1::jsonb) AS row ("orderId" text, state text,
               "capturedCents" int, "refundedCents" int, "paymentId" text, reason text, revision int)
             WHERE ledger.order_id = row."orderId" AND ledger.revision = row.revision`,
      values: [JSON.stringify(rows), at],
    });
    if (rowCount !== rows.length) throw new LostRaceError('a ledger');
  }

  async #append(entries: readonly Entry[], at: number): Promise<void> {
    if (entries.length === 0) return;
    await this.client.query({
      name: 'append-entries',
      text: `INSERT INTO ledger_entry (order_id, kind, cents, at)
             SELECT *, $4::bigint FROM unnest($1::text[], $2::text[], $3::int[])`,
      values: [
        entries.map((entry) => entry.orderId),
        entries.map((entry) => entry.kind),
        entries.map((entry) => entry.cents),
        at,
      ],
    });
  }
}
