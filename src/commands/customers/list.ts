/** Lists customers. */
import type { CustomerRow } from '../answers.ts';
import type { CommandContext } from '../context.ts';
import { connectToMediator } from '../connect.ts';
import { renderTable, type Column } from '../table.ts';

const COLUMNS: readonly Column<CustomerRow>[] = [
  { title: 'id', value: (row) => row.id },
  { title: 'name', value: (row) => row.name, canShrink: true },
  { title: 'city', value: (row) => row.address.city, canShrink: true, canGo: true },
  { title: 'orders', value: (row) => String(row.orderCount), align: 'right' },
  { title: 'email', value: (row) => row.email, canShrink: true, canGo: true },
];

export async function runCustomers(
  options: { readonly limit: number },
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  const client = await connectToMediator(context);
  const page = await client.customers(options.limit);
  output.result(page, () => renderTable(page.customers, COLUMNS, output));
  if (page.customers.length < page.total) {
    output.hint(`${page.customers.length} of ${page.total} customers.`);
  }
}
