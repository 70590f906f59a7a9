/** `wonderland service <name>`: one service as this process. */
import { Argument, type Command } from 'commander';

import { SERVICES, type ServiceName } from '../messaging/topology.ts';
import { oneOf } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

export function register(program: Command, context: CommandContext): void {
  const name = new Argument('<name>', SERVICES.join(', ')).argParser(oneOf('service', SERVICES));
  const service = program
    .command('service')
    .description(
      'Run one service in this process, against the running stack or the URLs in the environment.',
    )
    .addArgument(name)
    .action(async (which: ServiceName) => {
      const { runService } = await import('./stack/service.ts');
      await runService(which, context);
    });
  withExamples(service, [
    ['wonderland up --except payment', 'everything else; then'],
    ['wonderland service payment', 'payment here, where a debugger can reach it'],
  ]);
}
