/** `wonderland customers [id]`, or `customers show <id>`: who buys here, and what they bought. */
import type { Command } from 'commander';

import { wholeNumber } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

export function register(program: Command, context: CommandContext): void {
  const showCustomer = async (id: string): Promise<void> => {
    const { runCustomerShow } = await import('./customers/show.ts');
    await runCustomerShow({ id }, context);
  };
  const customers = program
    .command('customers')
    .description('Show the customers and how many orders each has, or one of them.')
    .argument('[id]', 'only this customer, as with `show`')
    .option('-n, --limit <n>', 'at most this many', wholeNumber('--limit', 1, 500), 50)
    .action(async (id: string | undefined, options: { readonly limit: number }) => {
      if (id !== undefined) return showCustomer(id);
      const { runCustomers } = await import('./customers/list.ts');
      await runCustomers(options, context);
    });
  const show = customers
    .command('show')
    .description('Show one customer with address and order history.')
    .argument('<id>', 'the customer, for example alice')
    .action(showCustomer);
  withExamples(show, [['wonderland customers show alice', 'her address and what she bought']]);
  withExamples(customers, [
    ['wonderland customers', 'all customers'],
    ['wonderland customers show alice', 'one customer with the order history'],
  ]);
}
