/** The body of `wonderland down`. */
import { stopStack } from '../../stack/stop-stack.ts';
import type { CommandContext } from '../context.ts';

/** Ctrl-C forces: a stop that was asked for is not taken back. @throws UserError `environment` */
export async function runDown(context: CommandContext): Promise<void> {
  const { clock, signal, output } = context;
  const { stateDir, stack: name } = await context.settings();
  const began = clock.elapsed();
  const before = await stopStack({ stateDir, name, clock, forced: signal });
  const seconds = ((clock.elapsed() - began) / 1_000).toFixed(1);
  output.result({ name, was: before.state, state: 'stopped' }, () => {
    if (before.state === 'stopped') return `The stack "${name}" was not running.`;
    if (before.state === 'crashed') {
      return `✔ The stack "${name}" had crashed; what was left of it is gone. Its data is kept.`;
    }
    return `✔ The stack "${name}" is stopped in ${seconds} s. Its data is kept.`;
  });
}
