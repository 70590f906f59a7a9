/** `wonderland orders`: the newest orders and where they stand. */
import type { Command } from 'commander';

import { wholeNumber } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

interface Flags {
  readonly limit: number;
  readonly customer?: string;
  readonly status?: string;
  readonly stuck?: boolean;
}

export function register(program: Command, context: CommandContext): void {
  const orders = program
    .command('orders')
    .description('Show the newest orders and where they stand.')
    .option('-n, --limit <n>', 'at most this many', wholeNumber('--limit', 1, 500), 20)
    .option('--customer <id>', 'only orders of this customer')
    .option('--status <status>', 'only orders in this status, for example rejected')
    .option('--stuck', 'only orders that have waited for an answer for a minute, and why')
    .action(async (flags: Flags) => {
      const { runOrders } = await import('./orders/list.ts');
      await runOrders(flags, context);
    });
  withExamples(orders, [
    ['wonderland orders', 'the newest 20'],
    ['wonderland orders --customer alice --status rejected', 'what went wrong for alice'],
    ['wonderland orders --stuck', 'who owes an answer, and when it is asked for again'],
  ]);
}
