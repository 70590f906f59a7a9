/** Orders in words. */
import type { OrderView } from '../../contracts/orders.ts';

/** `2 × Emma, 1 × book 7`: titles where they are known. */
export function describeLines(lines: OrderView['lines']): string {
  return lines
    .map((line) => `${line.quantity} × ${'title' in line ? line.title : `book ${line.bookId}`}`)
    .join(', ');
}

/** `rejected: insufficient_funds`, or the status alone. */
export function describeStatus(order: Pick<OrderView, 'status' | 'reason'>): string {
  return order.reason === undefined ? order.status : `${order.status}: ${order.reason}`;
}

/** `…9f3a41c2`: enough to name an order by, where the whole id finds no room. Orders of one minute begin alike. */
export function endOf(orderId: string): string {
  return `…${orderId.slice(-8)}`;
}
