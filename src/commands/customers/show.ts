/** Shows one customer with the order history. */
import type { HistoryEntry } from '../../contracts/customer.ts';
import { formatMoney } from '../../kernel/money.ts';
import type { CustomerDetail } from '../answers.ts';
import type { CommandContext } from '../context.ts';
import { connectToMediator } from '../connect.ts';
import { endOf } from '../order/describe.ts';
import type { Output } from '../output.ts';
import { renderTable, type Column } from '../table.ts';
import { formatInstant } from '../times.ts';
import { wrap } from '../wrapping.ts';
import { findCustomer } from './find.ts';

const COLUMNS: readonly Column<HistoryEntry>[] = [
  { title: 'order', value: (entry) => entry.orderId, short: (entry) => endOf(entry.orderId) },
  { title: 'recorded', value: (entry) => formatInstant(entry.recordedAt), canGo: true },
  {
    title: 'total',
    value: (entry) => formatMoney(entry.totalCents, entry.currency),
    align: 'right',
  },
  { title: 'books', value: booksOf, canShrink: true },
];

export async function runCustomerShow(
  options: { readonly id: string },
  context: CommandContext,
): Promise<void> {
  const client = await connectToMediator(context);
  const detail = await findCustomer(client, options.id);
  context.output.result(detail, () => render(detail, context.output));
}

function render(detail: CustomerDetail, output: Output): string {
  const { customer, orders, orderCount } = detail;
  const { address } = customer;
  const head = [
    `${output.paint('strong', customer.name)} (${customer.id})`,
    customer.email,
    `${address.street}, ${address.postalCode} ${address.city}, ${address.country}`,
    '',
  ];
  if (orders.length === 0) return wrap([...head, 'No orders yet.'].join('\n'), output.columns);
  const count = orderCount === orders.length ? '' : `The newest ${orders.length} of `;
  const title = `${count}${orderCount} ${orderCount === 1 ? 'order' : 'orders'}`;
  const text = wrap([...head, title].join('\n'), output.columns);
  return `${text}\n${renderTable(orders, COLUMNS, output)}`;
}

function booksOf(entry: HistoryEntry): string {
  const books = entry.lines.map((line) => `${line.quantity} × ${line.title}`).join(', ');
  return entry.cancelledAt === undefined ? books : `cancelled: ${books}`;
}
