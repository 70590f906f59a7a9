/** `wonderland broker`: the AMQP broker of an embedded stack; for the supervisor. */
import type { Command } from 'commander';

import type { CommandContext } from './context.ts';

export function register(program: Command, context: CommandContext): void {
  program
    .command('broker')
    .description('Run the embedded AMQP broker in this process.')
    .action(async () => {
      const { runBroker } = await import('./stack/servers.ts');
      await runBroker(context);
    });
}
