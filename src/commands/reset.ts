/** `wonderland reset`: stops the stack and removes its data. */
import type { Command } from 'commander';

import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

export function register(program: Command, context: CommandContext): void {
  const reset = program
    .command('reset')
    .description('Stop the stack and remove all its data, after showing what that is.')
    .option('-y, --yes', 'do not ask')
    .action(async (options: { readonly yes?: boolean }) => {
      const { runReset } = await import('./stack/reset.ts');
      await runReset({ yes: options.yes === true }, context);
    });
  withExamples(reset, [
    ['wonderland reset', 'show what would go, and ask'],
    ['wonderland reset --yes && wonderland up', 'a fresh shop'],
  ]);
}
