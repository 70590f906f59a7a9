/** The body of `wonderland restart`. */
import { requireRunningStack } from '../../stack/read-status.ts';
import { partsMeant } from '../../stack/instances.ts';
import { filesOf } from '../../stack/stack-files.ts';
import type { StackStatus } from '../../stack/stack-status.ts';
import { callSupervisor } from '../../stack/supervisor/socket-client.ts';
import type { CommandContext } from '../context.ts';
import { waitForParts } from './wait.ts';

/** Stopping may take 5 s, after which the part is killed. */
const STOP_LIMIT_MS = 8_000;
const READY_LIMIT_MS = 30_000;

/** Instances of one service one after the other, so that the others serve. @throws UserError `usage`, `stack-not-running`, `not-ready` */
export async function runRestart(part: string, context: CommandContext): Promise<void> {
  const { clock, output, signal } = context;
  const settings = await context.settings();
  requireRunningStack(settings);
  const files = filesOf(settings.stateDir, settings.stack);
  const { status } = await callSupervisor(files, { do: 'status' });
  const names = partsMeant(
    (status?.parts ?? []).map(({ name }) => name),
    part,
  );
  const began = clock.elapsed();
  let after: StackStatus | undefined;
  for (const name of names) {
    await callSupervisor(
      files,
      { do: 'restart', part: name },
      { timeoutMs: STOP_LIMIT_MS, signal },
    );
    after = await waitForParts({
      files,
      parts: [name],
      timeoutMs: READY_LIMIT_MS,
      clock,
      signal,
    });
  }
  const seconds = ((clock.elapsed() - began) / 1_000).toFixed(1);
  const restarted = (after?.parts ?? []).filter(({ name }) => names.includes(name));
  const [first] = restarted;
  output.result(restarted.length === 1 ? first : { parts: restarted }, () => {
    const pids = restarted.map(({ pid }) => pid).join(', ');
    return restarted.length === 1
      ? `✔ ${first?.name} is ready again after ${seconds} s (PID ${pids}).`
      : `✔ ${names.join(', ')} are ready again after ${seconds} s (PIDs ${pids}).`;
  });
}
