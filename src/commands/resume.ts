/** `wonderland resume <part>`: let a paused part go on. */
import type { Command } from 'commander';

import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

export function register(program: Command, context: CommandContext): void {
  const resume = program
    .command('resume')
    .description(
      'Let a paused part of the running stack go on (SIGCONT), or start one that is kept down.',
    )
    .argument(
      '<part>',
      'a part as `wonderland ps` names it; a bare service name means all its instances, mediator-1 the first',
    )
    .action(async (part: string) => {
      const { runPartVerb } = await import('./stack/part-verb.ts');
      await runPartVerb({ verb: 'resume' }, part, context);
    });
  withExamples(resume, [
    ['wonderland resume payment', 'it goes on where it was'],
    ['wonderland resume mediator-2', 'only that instance'],
  ]);
}
