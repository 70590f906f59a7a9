/** `wonderland postgres`: the guard of an embedded stack's PostgreSQL; for the supervisor. */
import type { Command } from 'commander';

import type { CommandContext } from './context.ts';

export function register(program: Command, context: CommandContext): void {
  program
    .command('postgres')
    .description('Run a PostgreSQL server that ends with this process.')
    .action(async () => {
      const { runPostgres } = await import('./stack/servers.ts');
      await runPostgres(context);
    });
}
