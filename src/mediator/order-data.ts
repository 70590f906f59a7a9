/** What an order's saga knows; grows as replies come in. Every version of the saga works on it. */
import type { OrderPolicy } from '../contracts/orders.ts';
import type { PaymentMethod } from '../contracts/payment.ts';
import type { OrderLine, PricedLine } from '../contracts/primitives.ts';
import { BugError } from '../kernel/errors.ts';

export interface OrderData {
  readonly orderId: string;
  readonly customer: { readonly id: string; readonly name: string; readonly email: string };
  readonly lines: readonly OrderLine[];
  readonly payment: PaymentMethod;
  /** How long a confirmed order rests before it is shipped, milliseconds. Version 1 does not ship. */
  readonly shipAfterMs?: number;
  /** What this order does otherwise than the others; absent: nothing. */
  readonly policy?: Omit<OrderPolicy, 'shipAfterMs'>;
  /** Known once reserved: what the copies cost. */
  readonly priced?: { readonly lines: readonly PricedLine[]; readonly totalCents: number };
  /** Known once refunded. */
  readonly refundedCents?: number;
}

/** @throws BugError before the copies are reserved. */
export function pricedOf(data: OrderData): NonNullable<OrderData['priced']> {
  if (data.priced === undefined) throw new BugError('the order has no prices yet');
  return data.priced;
}
