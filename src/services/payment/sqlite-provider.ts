/** The simulated provider's statements on SQLite. */
import type { SqliteDatabase } from '../../storage/sqlite.ts';
import type { ProviderCharge, ProviderTx } from './store.ts';

type Row = Omit<ProviderCharge, 'reason'> & { readonly reason: string | null };

/** Valid only inside the transaction that the store has open. */
export class SqliteProviderTx implements ProviderTx {
  readonly #sql: Statements;

  constructor(database: SqliteDatabase) {
    this.#sql = prepare(database);
  }

  async findCharge(idempotencyKey: string): Promise<ProviderCharge | undefined> {
    const row = this.#sql.find.get(idempotencyKey);
    return row === undefined ? undefined : { ...row, reason: row.reason ?? undefined };
  }

  async saveCharge(charge: ProviderCharge): Promise<void> {
    this.#sql.save.run({ ...charge, reason: charge.reason ?? null });
  }

  async countCaptures(orderIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = this.#sql.countCaptures.all(JSON.stringify(orderIds));
    return new Map(rows.map(({ orderId, captures }) => [orderId, captures]));
  }
}

type Statements = ReturnType<typeof prepare>;

function prepare(database: SqliteDatabase) {
  return {
    find: database.prepare<[string], Row>(
      `SELECT idempotency_key AS idempotencyKey, order_id AS orderId, charge_id AS chargeId,
              amount_cents AS amountCents, outcome, reason, settles_at AS settlesAt
       FROM provider_charge WHERE idempotency_key = ?`,
    ),
    save: database.prepare<[Row]>(
      `INSERT INTO provider_charge (idempotency_key, order_id, charge_id, amount_cents, outcome, reason, settles_at)
       VALUES (@idempotencyKey, @orderId, @chargeId, @amountCents, @outcome, @reason, @settlesAt)
       ON CONFLICT (idempotency_key) DO UPDATE SET outcome = excluded.outcome`,
    ),
    countCaptures: database.prepare<[string], { orderId: string; captures: number }>(
      `SELECT order_id AS orderId, count(*) AS captures FROM provider_charge
       WHERE order_id IN (SELECT value FROM json_each(?)) AND outcome IN ('captured', 'returned')
       GROUP BY order_id`,
    ),
  };
}
