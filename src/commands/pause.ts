/** `wonderland pause <part>`: freeze a part, as if it hung. */
import type { Command } from 'commander';

import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';
import { holdOption, type HoldOptions } from './hold-option.ts';

export function register(program: Command, context: CommandContext): void {
  const pause = program
    .command('pause')
    .description('Freeze a part of the running stack (SIGSTOP): it is there, but does nothing.')
    .argument(
      '<part>',
      'a part as `wonderland ps` names it; a bare service name means all its instances, mediator-1 the first',
    )
    .addOption(holdOption('go on after that long'))
    .action(async (part: string, options: HoldOptions) => {
      const { runPartVerb } = await import('./stack/part-verb.ts');
      await runPartVerb({ verb: 'pause', forMs: options.for }, part, context);
    });
  withExamples(pause, [
    ['wonderland pause payment', 'as if it hung; then'],
    ['wonderland resume payment', 'it goes on where it was'],
    ['wonderland pause payment --for 5s', 'it goes on by itself'],
  ]);
}
