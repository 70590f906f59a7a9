/** Orders in words. */
import type { OrderView } from '../../contracts/orders.ts';
import { formatDuration } from '../../kernel/durations.ts';
import { formatMoney } from '../../kernel/money.ts';
import { formatInstant } from '../times.ts';

/** `2 × Emma, 1 × book 7`: titles where they are known. */
export function describeLines(lines: OrderView['lines']): string {
  return lines
    .map((line) => `${line.quantity} × ${'title' in line ? line.title : `book ${line.bookId}`}`)
    .join(', ');
}

/** What every cancelled order says: nothing that a reader would miss. */
const USUAL_REASON = 'cancelled-by-customer';

/** The reason where it tells more than the status. */
export function describeReason(reason: string | undefined): string | undefined {
  return reason === USUAL_REASON ? undefined : reason;
}

/** `rejected: insufficient_funds`, or the status alone. */
export function describeStatus(order: Pick<OrderView, 'status' | 'reason'>): string {
  const reason = describeReason(order.reason);
  return reason === undefined ? order.status : `${order.status}: ${reason}`;
}

/** When an order that rests is shipped, and how to take it back until then; undefined when it does not rest. */
export function describeShipping(
  { id, shipsAt }: Pick<OrderView, 'id' | 'shipsAt'>,
  now: number,
): string | undefined {
  if (shipsAt === undefined) return undefined;
  const pauseMs = Math.max(0, shipsAt - now);
  const inWords = pauseMs < 1_000 ? 'any moment' : `in ${formatDuration(pauseMs)}`;
  const at = formatInstant(shipsAt);
  return `Ships ${inWords}, at ${at}; until then: wonderland order cancel ${id}`;
}

/** What became of the customer's money when the order went back. */
export function describeRefund({ refundedCents = 0, currency }: OrderView): string {
  if (refundedCents === 0) return 'nothing was charged';
  return `${formatMoney(refundedCents, currency)} given back`;
}

/** `…9f3a41c2`: enough to name an order by, where the whole id finds no room. Orders of one minute begin alike. */
export function endOf(orderId: string): string {
  return `…${orderId.slice(-8)}`;
}
