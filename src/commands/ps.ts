/** `wonderland ps` (or `status`): every part with its health. */
import type { Command } from 'commander';

import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

export function register(program: Command, context: CommandContext): void {
  const ps = program
    .command('ps')
    .alias('status')
    .description('Show every part of the stack with its state and health.')
    .action(async () => {
      const { runPs } = await import('./stack/ps.ts');
      await runPs(context);
    });
  withExamples(ps, [
    ['wonderland ps', 'is everything well?'],
    ['wonderland ps --json', 'the same for a program'],
  ]);
}
