/** `wonderland doctor`: checks the machine and the stack, with a fix for each problem. */
import type { Command } from 'commander';

import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

export function register(program: Command, context: CommandContext): void {
  const doctor = program
    .command('doctor')
    .description('Check this machine and the stack; every problem comes with its fix.')
    .action(async () => {
      const { runDoctor } = await import('./stack/doctor.ts');
      await runDoctor(context);
    });
  withExamples(doctor, [['wonderland doctor', 'why does it not start?']]);
}
