/** `wonderland mediator`: the order saga and its HTTP API as this process. */
import type { Command } from 'commander';

import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

export function register(program: Command, context: CommandContext): void {
  const mediator = program
    .command('mediator')
    .description(
      'Run the mediator in this process, against the running stack or the URLs in the environment.',
    )
    .action(async () => {
      const { runService } = await import('./stack/service.ts');
      await runService('mediator', context);
    });
  withExamples(mediator, [
    ['wonderland up --except mediator', 'everything else; then'],
    ['wonderland mediator', 'the mediator here, where a debugger can reach it'],
  ]);
}
