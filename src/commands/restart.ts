/** `wonderland restart <part>`: stops one part and starts it again. */
import type { Command } from 'commander';

import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

export function register(program: Command, context: CommandContext): void {
  const restart = program
    .command('restart')
    .description('Restart one part of the running stack and wait until it is ready.')
    .argument(
      '<part>',
      'inventory, payment, customer, notification, logging, mediator, broker, postgres: all instances ' +
        'of it, one after the other; or one instance: mediator-2 (mediator-1 is the first)',
    )
    .action(async (part: string) => {
      const { runRestart } = await import('./stack/restart.ts');
      await runRestart(part, context);
    });
  withExamples(restart, [['wonderland restart payment', 'the others go on']]);
}
