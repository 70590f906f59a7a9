/** `wonderland restart <part>`: stops one part and starts it again. */
import type { Command } from 'commander';

import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';
import { holdOption, type HoldOptions } from './hold-option.ts';

export function register(program: Command, context: CommandContext): void {
  const restart = program
    .command('restart')
    .description('Restart one part of the running stack and wait until it is ready.')
    .argument(
      '<part>',
      'inventory, payment, customer, notification, logging, mediator, broker, postgres: all instances ' +
        'of it, one after the other; or one instance: mediator-2 (mediator-1 is the first)',
    )
    .addOption(holdOption('stay down that long in between, and do not wait for it'))
    .action(async (part: string, { for: forMs }: HoldOptions) => {
      if (forMs !== undefined) {
        const { runPartVerb } = await import('./stack/part-verb.ts');
        return runPartVerb({ verb: 'restart', forMs }, part, context);
      }
      const { runRestart } = await import('./stack/restart.ts');
      return runRestart(part, context);
    });
  withExamples(restart, [
    ['wonderland restart payment', 'the others go on'],
    ['wonderland restart broker --for 5s', 'it is away that long'],
  ]);
}
