/** How an order ended, in a few lines, and what is useful to type next. */
import type { OrderDetail } from '../../contracts/orders.ts';
import { formatDuration } from '../../kernel/durations.ts';
import { formatMoney } from '../../kernel/money.ts';
import type { Paint, Tone } from '../palette.ts';
import { describeLines, describeRefund, describeShipping, describeStatus } from './describe.ts';

export interface Summary {
  /** From the customer's request, for the order or for its cancelling, to the final status. */
  readonly durationMs: number;
  readonly text: (paint: Paint) => string;
}

const ENDINGS = new Set(['confirmed', 'rejected', 'cancelled']);

/** @param now milliseconds since 1970, to say how long it is until shipping. */
export function summarise(order: OrderDetail, now: number): Summary {
  // The last one: an order that was confirmed may have been cancelled afterwards.
  const end = order.timeline.findLast((entry) => ENDINGS.has(entry.event));
  const durationMs = Math.max(0, (end?.at ?? order.updatedAt) - startOf(order));
  return {
    durationMs,
    text: (paint) => {
      const status = paint(toneOf(order), describeStatus(order));
      const head = `Order ${order.id} ${status} in ${formatDuration(durationMs)}`;
      const shipping = describeShipping(order, now);
      const lines = [head, `${describeLines(order.lines)}${amountOf(order)}`, shipping];
      return lines.filter((line) => line !== undefined).join('\n');
    },
  };
}

function toneOf(order: OrderDetail): Tone {
  if (order.status === 'cancelled') return 'warning';
  return isSold(order) ? 'good' : 'bad';
}

function startOf({ status, timeline, placedAt }: OrderDetail): number {
  const isCancelled = status === 'cancelled';
  const asked = timeline.find((entry) => isCancelled && entry.event === 'cancel-requested');
  return asked?.at ?? placedAt;
}

function amountOf(order: OrderDetail): string {
  if (!isSold(order)) return `; ${describeRefund(order)}`;
  if (order.totalCents === undefined) return '';
  return `: ${formatMoney(order.totalCents, order.currency)}`;
}

function isSold({ status }: OrderDetail): boolean {
  return status === 'confirmed' || status === 'shipped';
}

/** The next command that helps, by how the order ended. */
export function nextCommand(order: OrderDetail): string {
  if (order.status === 'rejected' && order.timeline.some((entry) => entry.event === 'declined')) {
    return `wonderland order ${flagsOf(order)} --card visa`;
  }
  if (order.reason === 'out-of-stock' || order.reason === 'unknown-book') return 'wonderland books';
  return `wonderland trace ${order.id}`;
}

function flagsOf(order: OrderDetail): string {
  const books = order.lines.map(({ bookId, quantity }) =>
    quantity === 1 ? `--book ${bookId}` : `--book ${bookId}=${quantity}`,
  );
  return [...books, `--customer ${order.customerId}`].join(' ');
}
