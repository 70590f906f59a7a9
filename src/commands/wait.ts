/** `wonderland wait`: returns once the stack, or some parts of it, are ready. */
import { Option, type Command } from 'commander';

import { duration } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

const DEFAULT_TIMEOUT_MS = 60_000;

export function register(program: Command, context: CommandContext): void {
  const wait = program
    .command('wait')
    .description('Wait until the stack is truly ready, or only some parts of it.')
    .argument('[parts...]', 'only these parts: all instances of a service, or one (mediator-2)')
    .addOption(
      new Option('--timeout <duration>', 'give up after this long')
        .argParser(duration)
        .default(DEFAULT_TIMEOUT_MS, '60s'),
    )
    .action(async (parts: readonly string[], options: { readonly timeout: number }) => {
      const { runWait } = await import('./stack/wait.ts');
      await runWait({ parts, timeoutMs: options.timeout }, context);
    });
  withExamples(wait, [
    ['wonderland wait', 'in a script: go on when orders can be placed'],
    ['wonderland wait payment --timeout 10s', 'only payment'],
  ]);
}
