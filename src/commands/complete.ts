/** The hidden command behind the completion scripts: candidates for the last word, one in a line. */
import type { Command } from 'commander';

import type { CommandContext } from './context.ts';

export function register(program: Command, context: CommandContext): void {
  program
    .command('__complete', { hidden: true })
    .description('Print candidates for the last word.')
    .argument('[words...]')
    .allowUnknownOption()
    .action(async (words: readonly string[]) => {
      const { runComplete } = await import('./completion/candidates.ts');
      await runComplete(words, context);
    });
}
