/** The ledger's statements on SQLite. They are synchronous; async only in form, for the port. */
import type { Clock } from '../../kernel/clock.ts';
import { SqliteInbox } from '../../storage/sqlite-inbox.ts';
import type { SqliteDatabase } from '../../storage/sqlite.ts';
import { LEDGER_COLUMNS, ledgerOf, ledgerRowOf, type LedgerRow } from './ledger-row.ts';
import type { Ledger, Movement, PaymentTx } from './store.ts';

/** Valid only inside the transaction that the store has open. */
export class SqliteLedgerTx extends SqliteInbox implements PaymentTx {
  readonly #sql: Statements;
  readonly #clock: Clock;

  constructor(database: SqliteDatabase, clock: Clock) {
    super(database);
    this.#sql = prepare(database);
    this.#clock = clock;
  }

  async findLedger(orderId: string): Promise<Ledger | undefined> {
    const row = this.#sql.find.get(orderId);
    return row === undefined ? undefined : ledgerOf(row);
  }

  async saveLedger(ledger: Ledger, movements: readonly Movement[]): Promise<void> {
    const at = this.#clock.now();
    this.#sql.save.run({ ...ledgerRowOf(ledger), at });
    for (const { kind, cents } of movements) {
      this.#sql.append.run({ orderId: ledger.orderId, kind, cents, at });
    }
  }

  async ledgersOf(orderIds: readonly string[]): Promise<Ledger[]> {
    return this.#sql.findAll.all(JSON.stringify(orderIds)).map(ledgerOf);
  }

  async movementsOf(orderId: string): Promise<Movement[]> {
    return this.#sql.movements.all(orderId);
  }
}

type Statements = ReturnType<typeof prepare>;

function prepare(database: SqliteDatabase) {
  return {
    find: database.prepare<[string], LedgerRow>(
      `SELECT ${LEDGER_COLUMNS} FROM ledger WHERE order_id = ?`,
    ),
    findAll: database.prepare<[string], LedgerRow>(
      `SELECT ${LEDGER_COLUMNS} FROM ledger WHERE order_id IN (SELECT value FROM json_each(?))`,
    ),
    // What was asked for never changes: only the outcome does.
    save: database.prepare<[LedgerRow & { at: number }]>(
      `INSERT INTO ledger (order_id, idempotency_key, request_hash, method_kind, state, amount_cents,
         captured_cents, refunded_cents, payment_id, reason, created_at, updated_at)
       VALUES (@orderId, @idempotencyKey, @hash, @kind, @state, @amountCents,
         @capturedCents, @refundedCents, @paymentId, @reason, @at, @at)
       ON CONFLICT (order_id) DO UPDATE SET
         state = excluded.state,
         captured_cents = excluded.captured_cents,
         refunded_cents = excluded.refunded_cents,
         payment_id = excluded.payment_id,
         reason = excluded.reason,
         updated_at = excluded.updated_at`,
    ),
    append: database.prepare<[Movement & { orderId: string; at: number }]>(
      'INSERT INTO ledger_entry (order_id, kind, cents, at) VALUES (@orderId, @kind, @cents, @at)',
    ),
    movements: database.prepare<[string], Movement>(
      'SELECT kind, cents FROM ledger_entry WHERE order_id = ? ORDER BY seq',
    ),
  };
}
