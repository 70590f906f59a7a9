/** One transaction on the simulated provider's books in PostgreSQL. */
import type { ClientBase } from 'pg';

import { LostRaceError } from '../../../storage/optimistic.ts';
import { sortedValues } from '../../../storage/postgres-inbox.ts';
import type { ProviderCharge, ProviderTx } from '../store.ts';

type Row = Omit<ProviderCharge, 'reason' | 'settlesAt'> & {
  readonly reason: string | null;
  /** A bigint, which the driver leaves as text. */
  readonly settlesAt: string;
};

interface Known {
  readonly read: ProviderCharge | undefined;
  readonly now: ProviderCharge | undefined;
}

/** A charge is written only as long as its outcome is the one that was read, or all works run again. */
export class PostgresProviderTx implements ProviderTx {
  readonly #client: ClientBase;
  readonly #known = new Map<string, Known>();

  constructor(client: ClientBase) {
    this.#client = client;
  }

  async findCharge(idempotencyKey: string): Promise<ProviderCharge | undefined> {
    return (await this.#read(idempotencyKey)).now;
  }

  async saveCharge(charge: ProviderCharge): Promise<void> {
    const { read, now } = await this.#read(charge.idempotencyKey);
    // Only the outcome of a known charge changes.
    const next = now === undefined ? charge : { ...now, outcome: charge.outcome };
    this.#known.set(charge.idempotencyKey, { read, now: next });
  }

  async countCaptures(orderIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    await this.flush();
    const { rows } = await this.#client.query<{ orderId: string; captures: number }>(
      `SELECT order_id AS "orderId", count(*)::int AS captures FROM provider_charge
       WHERE order_id = ANY($1) AND outcome IN ('captured', 'returned') GROUP BY order_id`,
      [orderIds],
    );
    return new Map(rows.map(({ orderId, captures }) => [orderId, captures]));
  }

  /** @throws LostRaceError */
  async flush(): Promise<void> {
    const changed = sortedValues(this.#known).filter(({ read, now }) => read !== now);
    this.#known.clear();
    await this.#insert(changed.flatMap(({ read, now }) => (read === undefined ? (now ?? []) : [])));
    await this.#update(changed.filter(({ read }) => read !== undefined));
  }

  async #read(idempotencyKey: string): Promise<Known> {
    const known = this.#known.get(idempotencyKey);
    if (known !== undefined) return known;
    const { rows } = await this.#client.query<Row>({
      name: 'find-charge',
      text: `SELECT idempotency_key AS "idempotencyKey", order_id AS "orderId",
               charge_id AS "chargeId", amount_cents AS "amountCents", outcome, reason,
               settles_at AS "settlesAt"
             FROM provider_charge WHERE idempotency_key = $1`,
      values: [idempotencyKey],
    });
    const read = rows[0] === undefined ? undefined : chargeOf(rows[0]);
    const charge = { read, now: read };
    this.#known.set(idempotencyKey, charge);
    return charge;
  }

  async #insert(charges: readonly ProviderCharge[]): Promise<void> {
    if (charges.length === 0) return;
    const { rowCount } = await this.#client.query({
      name: 'insert-charges',
      text: `INSERT INTO provider_charge
             SELECT "idempotencyKey", "orderId", "chargeId", "amountCents", outcome, reason, "settlesAt"
             FROM jsonb_to_recordset($1::jsonb) AS row ("idempotencyKey" text, "orderId" text,
               "chargeId" text, "amountCents" int, outcome text, reason text, "settlesAt" bigint)
             ORDER BY "idempotencyKey" COLLATE "C"
             ON CONFLICT (idempotency_key) DO NOTHING`,
      values: [JSON.stringify(charges)],
    });
    if (rowCount !== charges.length) throw new LostRaceError('a new charge');
  }

  async #update(charges: readonly Known[]): Promise<void> {
    if (charges.length === 0) return;
    const keys = charges.map(({ read }) => read?.idempotencyKey);
    await this.#client.query({
      name: 'lock-charges',
      text: `SELECT 1 FROM provider_charge WHERE idempotency_key = ANY($1)
             ORDER BY idempotency_key FOR UPDATE`,
      values: [keys],
    });
    const { rowCount } = await this.#client.query({
      name: 'update-charges',
      text: `UPDATE provider_charge SET outcome = change.now
             FROM unnest($1::text[], $2::text[], $3::text[]) AS change (key, read, now)
             WHERE idempotency_key = change.key AND outcome = change.read`,
      values: [
        keys,
        charges.map(({ read }) => read?.outcome),
        charges.map(({ now }) => now?.outcome),
      ],
    });
    if (rowCount !== charges.length) throw new LostRaceError('the outcome of a charge');
  }
}

function chargeOf({ reason, settlesAt, ...row }: Row): ProviderCharge {
  return { ...row, reason: reason ?? undefined, settlesAt: Number(settlesAt) };
}
