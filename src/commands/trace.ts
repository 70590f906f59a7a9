/** `wonderland trace <order>`: everything one order caused, as a waterfall. */
import type { Command } from 'commander';

import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

export function register(program: Command, context: CommandContext): void {
  const trace = program
    .command('trace')
    .description(
      'Show one order as a waterfall: every command, reply, event, retry, redelivery and compensation.',
    )
    .argument(
      '[order]',
      'the id of the order, or its beginning or end; without it the newest order',
    )
    .action(async (id: string | undefined) => {
      const { runTrace } = await import('./trace/run.ts');
      await runTrace({ id }, context);
    });
  withExamples(trace, [
    ['wonderland trace', 'the newest order'],
    ['wonderland trace 01980c3e --json', 'the rows of the waterfall as JSON'],
  ]);
}
