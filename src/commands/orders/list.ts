/** Lists orders, newest first. */
import { ORDER_STATUSES, type OrderView } from '../../contracts/orders.ts';
import { formatMoney } from '../../kernel/money.ts';
import { oneOf } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { connectToMediator } from '../connect.ts';
import { describeLines, describeStatus, endOf } from '../order/describe.ts';
import { renderTable, type Column } from '../table.ts';
import { formatInstant } from '../times.ts';

const COLUMNS: readonly Column<OrderView>[] = [
  { title: 'order', value: (order) => order.id, short: (order) => endOf(order.id) },
  { title: 'status', value: describeStatus, canShrink: true },
  { title: 'placed', value: (order) => formatInstant(order.placedAt), canGo: true },
  { title: 'customer', value: (order) => order.customerId, canShrink: true, canGo: true },
  { title: 'total', value: totalOf, align: 'right', canGo: true },
  { title: 'books', value: (order) => describeLines(order.lines), canShrink: true, canGo: true },
];

export interface OrdersOptions {
  readonly limit: number;
  readonly customer?: string | undefined;
  readonly status?: string | undefined;
  readonly stuck?: boolean | undefined;
}

export async function runOrders(options: OrdersOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  const { limit, customer } = options;
  const status =
    options.status === undefined ? undefined : oneOf('--status', ORDER_STATUSES)(options.status);
  if (options.stuck === true) {
    const { runStuckOrders } = await import('./stuck.ts');
    return runStuckOrders({ limit, customer, status }, context);
  }
  const client = await connectToMediator(context);
  const orders = await client.orders({ limit, customer, status });
  output.result({ orders }, () =>
    orders.length === 0 ? 'No orders.' : renderTable(orders, COLUMNS, output),
  );
  const newest = orders[0];
  if (newest === undefined) output.hint('Place one: wonderland order --book 42');
  else output.hint(`More about one: wonderland order show ${newest.id}`);
}

function totalOf(order: OrderView): string {
  return order.totalCents === undefined ? '' : formatMoney(order.totalCents, order.currency);
}
