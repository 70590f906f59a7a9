/** `wonderland down`: stops the stack and keeps its data. */
import type { Command } from 'commander';

import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

export function register(program: Command, context: CommandContext): void {
  const down = program
    .command('down')
    .description('Stop the stack; orders, stock, mails and logs are kept.')
    .action(async () => {
      const { runDown } = await import('./stack/down.ts');
      await runDown(context);
    });
  withExamples(down, [
    ['wonderland down', 'stop everything that `wonderland up` started'],
    ['wonderland down --stack b', 'stop another stack'],
  ]);
}
