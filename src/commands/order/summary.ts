/** How an order ended, in a few lines, and what is useful to type next. */
import type { OrderDetail } from '../../contracts/orders.ts';
import { formatDuration } from '../../kernel/durations.ts';
import { formatMoney } from '../../kernel/money.ts';
import type { Paint, Tone } from '../palette.ts';
import { describeLines, describeStatus } from './describe.ts';

export interface Summary {
  /** From the customer's request to the final status. */
  readonly durationMs: number;
  text(paint: Paint): string;
}

const ENDINGS = new Set(['confirmed', 'rejected', 'cancelled']);

export function summarise(order: OrderDetail): Summary {
  const end = order.timeline.find((entry) => ENDINGS.has(entry.event));
  const durationMs = Math.max(0, (end?.at ?? order.updatedAt) - order.placedAt);
  return {
    durationMs,
    text(paint) {
      const tone: Tone = order.status === 'confirmed' ? 'good' : 'bad';
      const status = paint(tone, describeStatus(order));
      const head = `Order ${order.id} ${status} in ${formatDuration(durationMs)}`;
      return `${head}\n${describeLines(order.lines)}${amountOf(order)}`;
    },
  };
}

function amountOf(order: OrderDetail): string {
  if (order.status !== 'confirmed') return '; nothing was charged';
  if (order.totalCents === undefined) return '';
  return `: ${formatMoney(order.totalCents, order.currency)}`;
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
