/** `wonderland orders`: the newest orders and where they stand. */
import type { Command } from 'commander';

import { wholeNumber } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

interface Flags {
  readonly limit: number;
  readonly customer?: string;
  readonly status?: string;
}

export function register(program: Command, context: CommandContext): void {
  const orders = program
    .command('orders')
    .description('Show the newest orders and where they stand.')
    .option('-n, --limit <n>', 'at most this many', wholeNumber('--limit', 1, 500), 20)
    .option('--customer <id>', 'only orders of this customer')
    .option('--status <status>', 'only orders in this status, for example rejected')
    .action(async (flags: Flags) => {
      const { runOrders } = await import('./orders/list.ts');
      await runOrders(flags, context);
    });
  withExamples(orders, [
    ['wonderland orders', 'the newest 20'],
    ['wonderland orders --customer alice --status rejected', 'what went wrong for alice'],
  ]);
}
