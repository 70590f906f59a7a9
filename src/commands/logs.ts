/** `wonderland logs`: what all parts said, merged and filtered; works while the stack is down. */
import type { Command } from 'commander';

import { wholeNumber } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

interface Flags {
  readonly follow?: boolean;
  readonly lines?: number;
  readonly since?: string;
  readonly until?: string;
  readonly level?: string;
  readonly grep?: string;
  readonly order?: string;
  readonly trace?: string;
}

export function register(program: Command, context: CommandContext): void {
  const logs = program
    .command('logs')
    .description('Show what the parts said, in the order of time. All filters combine.')
    .argument('[services...]', 'only these services: all instances of one, or mediator-2')
    .option('-f, --follow', 'go on with what is said from now on')
    .option('-n, --lines <n>', 'the newest n records', wholeNumber('--lines', 0, 1_000_000))
    .option('--since <time>', 'from then on: 10m ago, or 2026-08-06T14:03')
    .option('--until <time>', 'up to then: as --since')
    .option('--level <level>', 'this level and worse: debug, info (default), warn, error')
    .option('--grep <regex>', 'only records whose text matches, whatever the case')
    .option('--order <id>', 'only records of this order, by id, its beginning or its end')
    .option('--trace <id>', 'only records of this trace')
    .action(async (services: readonly string[], flags: Flags) => {
      const { runLogs } = await import('./logs/run.ts');
      await runLogs({ services, ...flags }, context);
    });
  withExamples(logs, [
    ['wonderland logs -f', 'follow all parts'],
    ['wonderland logs payment --level warn --since 10m', 'what payment complained about lately'],
    ['wonderland logs --order 01980c3e', 'everything about one order'],
  ]);
}
