/** The body of `wonderland restart`. */
import { UserError } from '../../kernel/errors.ts';
import { suggest } from '../../kernel/suggestion.ts';
import { requireRunningStack } from '../../stack/read-status.ts';
import { filesOf } from '../../stack/stack-files.ts';
import { callSupervisor } from '../../stack/supervisor/socket-client.ts';
import type { CommandContext } from '../context.ts';
import { waitForParts } from './wait.ts';

/** Stopping may take 5 s, after which the part is killed. */
const STOP_LIMIT_MS = 8_000;
const READY_LIMIT_MS = 30_000;

/** @throws UserError `usage`, `stack-not-running`, `not-ready` */
export async function runRestart(part: string, context: CommandContext): Promise<void> {
  const { clock, output, signal } = context;
  const settings = await context.settings();
  requireRunningStack(settings);
  const files = filesOf(settings.stateDir, settings.stack);
  const { status } = await callSupervisor(files, { do: 'status' });
  const known = (status?.parts ?? []).map(({ name }) => name);
  if (!known.includes(part)) {
    const hint = suggest(part, known);
    throw new UserError(
      'usage',
      `The stack has no part "${part}".`,
      hint === undefined ? {} : { hint },
    );
  }
  const began = clock.elapsed();
  await callSupervisor(files, { do: 'restart', part }, { timeoutMs: STOP_LIMIT_MS, signal });
  const after = await waitForParts({
    files,
    parts: [part],
    timeoutMs: READY_LIMIT_MS,
    clock,
    signal,
  });
  const seconds = ((clock.elapsed() - began) / 1_000).toFixed(1);
  const restarted = after.parts.find(({ name }) => name === part);
  output.result(
    restarted,
    () => `✔ ${part} is ready again after ${seconds} s (PID ${restarted?.pid}).`,
  );
}
