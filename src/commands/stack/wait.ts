/** The body of `wonderland wait`: owns nothing, changes nothing. */
import type { Clock } from '../../kernel/clock.ts';
import { UserError } from '../../kernel/errors.ts';
import { partsMeant } from '../../stack/instances.ts';
import { requireRunningStack } from '../../stack/read-status.ts';
import { filesOf, type StackFiles } from '../../stack/stack-files.ts';
import { isReady, type StackStatus } from '../../stack/stack-status.ts';
import { callSupervisor } from '../../stack/supervisor/socket-client.ts';
import type { CommandContext } from '../context.ts';
import { publicStatus } from './public-status.ts';

const POLL_MS = 100;

export interface WaitOptions {
  /** All when empty. */
  readonly parts: readonly string[];
  readonly timeoutMs: number;
}

/** @throws UserError `stack-not-running`, `not-ready`, `usage` */
export async function runWait(options: WaitOptions, context: CommandContext): Promise<void> {
  const { clock, signal, output } = context;
  const settings = await context.settings();
  requireRunningStack(settings);
  const files = filesOf(settings.stateDir, settings.stack);
  const status = await waitForParts({ ...options, files, clock, signal });
  output.result(publicStatus(status), () =>
    options.parts.length === 0
      ? `✔ The stack "${status.name}" is ready.`
      : `✔ ready: ${options.parts.join(', ')}`,
  );
}

interface PartWait extends WaitOptions {
  readonly files: StackFiles;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The status at the moment at which they are ready. @throws UserError `not-ready`, `interrupted`, `usage` */
export async function waitForParts(options: PartWait): Promise<StackStatus> {
  const { files, clock, signal, timeoutMs } = options;
  const deadline = clock.elapsed() + timeoutMs;
  for (;;) {
    const { status } = await callSupervisor(files, { do: 'status', probe: true });
    const late = status === undefined ? ['supervisor'] : findLate(status, options.parts);
    if (status !== undefined && late.length === 0) return status;
    if (signal.aborted) throw new UserError('interrupted', 'Stopped.');
    if (clock.elapsed() >= deadline) throw tooLate(late, status);
    await clock.sleep(POLL_MS, signal);
  }
}

/** What is not ready yet, in words. */
function findLate(status: StackStatus, names: readonly string[]): readonly string[] {
  const known = status.parts.map((part) => part.name);
  const meant = names.flatMap((name) => partsMeant(known, name));
  if (names.length === 0 && isReady(status)) return [];
  const parts =
    names.length === 0 ? status.parts : status.parts.filter((part) => meant.includes(part.name));
  const late = parts
    .filter((part) => part.state !== 'ready' || part.health?.ok === false)
    .map(
      (part) =>
        `${part.name}: ${part.state === 'ready' ? (part.health?.detail ?? 'no answer') : part.state}`,
    );
  return names.length === 0 && late.length === 0 ? [status.probeError ?? status.state] : late;
}

function tooLate(late: readonly string[], status: StackStatus | undefined): UserError {
  return new UserError('not-ready', `Not ready: ${late.join('; ')}`, {
    hint: 'See `wonderland ps` and `wonderland logs --level warn`.',
    details: { late, probe: status?.probeError ?? null },
  });
}
