/** `wonderland kill <part>`: kill a part as a crash would; it is started again. */
import type { Command } from 'commander';

import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';
import { holdOption, type HoldOptions } from './hold-option.ts';

export function register(program: Command, context: CommandContext): void {
  const kill = program
    .command('kill')
    .description(
      'Kill a part of the running stack as a crash would (SIGKILL). It is started again.',
    )
    .argument(
      '<part>',
      'a part as `wonderland ps` names it; a bare service name means all its instances, mediator-1 the first',
    )
    .addOption(holdOption('stay down that long, then be started again'))
    .action(async (part: string, options: HoldOptions) => {
      const { runPartVerb } = await import('./stack/part-verb.ts');
      await runPartVerb({ verb: 'kill', forMs: options.for }, part, context);
    });
  withExamples(kill, [
    ['wonderland kill payment', 'orders wait for it, and go on'],
    ['wonderland kill mediator-2', 'the other mediator takes over'],
    ['wonderland kill payment --for 5s', 'it stays down that long'],
  ]);
}
