/** `wonderland env`: the connection settings of the stack, for other programs. */
import { Option, type Command } from 'commander';

import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

export type EnvFormat = 'dotenv' | 'export' | 'json';

export function register(program: Command, context: CommandContext): void {
  const env = program
    .command('env')
    .description('Print the connection settings of the stack. They hold passwords.')
    .addOption(
      new Option('--format <format>', 'how to print them')
        .choices(['dotenv', 'export', 'json'])
        .default('dotenv'),
    )
    .action(async (options: { readonly format: EnvFormat }) => {
      const { runEnv } = await import('./stack/env.ts');
      await runEnv(options, context);
    });
  withExamples(env, [
    ['eval "$(wonderland env --format export)"', 'use them in this shell'],
    ['wonderland env > .env.stack', 'keep them in a file'],
  ]);
}
