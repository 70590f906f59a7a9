/** Between a row of the ledger and the port's shape: the same for every database. */
import type { PaymentKind, PaymentState } from '../../contracts/payment.ts';
import type { Ledger, LedgerRequest } from './store.ts';

export interface LedgerRow {
  readonly orderId: string;
  readonly idempotencyKey: string | null;
  readonly hash: string | null;
  readonly kind: PaymentKind | null;
  readonly state: PaymentState;
  readonly amountCents: number;
  readonly capturedCents: number;
  readonly refundedCents: number;
  readonly paymentId: string | null;
  readonly reason: string | null;
}

/** Columns of a ledger by the names of its row. */
export const LEDGER_COLUMNS = `order_id AS "orderId", idempotency_key AS "idempotencyKey",
  request_hash AS hash, method_kind AS kind, state, amount_cents AS "amountCents",
  captured_cents AS "capturedCents", refunded_cents AS "refundedCents", payment_id AS "paymentId", reason`;

export function ledgerOf(row: LedgerRow): Ledger {
  return {
    orderId: row.orderId,
    state: row.state,
    request: requestOf(row),
    capturedCents: row.capturedCents,
    refundedCents: row.refundedCents,
    paymentId: row.paymentId ?? undefined,
    reason: row.reason ?? undefined,
  };
}

function requestOf(row: LedgerRow): LedgerRequest | undefined {
  const { idempotencyKey, hash, kind, amountCents } = row;
  if (idempotencyKey === null || hash === null || kind === null) return undefined;
  return { idempotencyKey, hash, kind, amountCents };
}

export function ledgerRowOf({ request, paymentId, reason, ...ledger }: Ledger): LedgerRow {
  return {
    ...ledger,
    idempotencyKey: request?.idempotencyKey ?? null,
    hash: request?.hash ?? null,
    kind: request?.kind ?? null,
    amountCents: request?.amountCents ?? 0,
    paymentId: paymentId ?? null,
    reason: reason ?? null,
  };
}
