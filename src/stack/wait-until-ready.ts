/** Follows a stack until it is truly ready, has failed, or the time is up. */
import type { Clock } from '../kernel/clock.ts';
import { UserError } from '../kernel/errors.ts';
import { lastLines } from './part-log.ts';
import type { StackFiles } from './stack-files.ts';
import { isReady, type PartExit, type StackStatus } from './stack-status.ts';

export interface WaitOptions {
  /** The status now and after each change; ends when the supervisor does. */
  readonly statuses: AsyncIterable<StackStatus>;
  readonly files: StackFiles;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** The caller was asked to stop. */
  readonly signal: AbortSignal;
  readonly onStatus: (status: StackStatus) => void;
  /** Ends `statuses`, so that waiting for the next one ends. */
  readonly hangUp: () => void;
}

const LINES = 20;

/**
 * @throws UserError `not-ready` after the timeout, `part-failed` when a part ended at its start,
 *   `interrupted` when the signal aborted.
 */
export async function waitUntilReady(options: WaitOptions): Promise<StackStatus> {
  let last: StackStatus | undefined;
  const timer = options.clock.after(options.timeoutMs, options.hangUp);
  options.signal.addEventListener('abort', options.hangUp);
  if (options.signal.aborted) options.hangUp();
  try {
    for await (const status of options.statuses) {
      last = status;
      options.onStatus(status);
      if (status.state === 'stopped' || isReady(status)) break;
    }
  } finally {
    timer.cancel();
    options.signal.removeEventListener('abort', options.hangUp);
  }
  if (options.signal.aborted) throw new UserError('interrupted', 'Stopped.');
  if (last?.failure !== undefined) throw failureError(last.failure);
  if (last !== undefined && isReady(last)) return last;
  if (last?.state === 'stopping' || last?.state === 'stopped') {
    throw new UserError('part-failed', 'The stack was stopped while it started');
  }
  throw await timeoutError(options, last);
}

/** How a process ended, for people. */
export function exitText({ code, signal }: PartExit): string {
  if (signal !== null) return `was killed by ${signal}`;
  return code === null ? 'could not be started' : `ended with exit code ${code}`;
}

function failureError({ part, exit, lines }: NonNullable<StackStatus['failure']>): UserError {
  const said = lines.map((line) => `  ${line}`).join('\n');
  return new UserError(
    'part-failed',
    `${part} ${exitText(exit)} before it was ready${said === '' ? '.' : `; its last lines:\n${said}`}`,
    {
      hint: `Everything was stopped again; the data is kept. See \`wonderland doctor\`.`,
      details: { part, ...exit },
    },
  );
}

/** Without its servers no part can be ready, and the parts themselves just wait for them. */
async function reportServers({ endpoints }: StackStatus): Promise<readonly string[]> {
  if (endpoints === undefined) return [];
  const { diagnoseServers } = await import('./diagnosis.ts');
  const findings = await diagnoseServers(endpoints);
  return findings.filter(({ outcome }) => outcome === 'problem').map(({ detail }) => `  ${detail}`);
}

async function timeoutError(
  options: WaitOptions,
  last: StackStatus | undefined,
): Promise<UserError> {
  const late = (last?.parts ?? []).filter((part) => part.state !== 'ready');
  const reports = await Promise.all(
    late.map(async ({ name, state }) => {
      const lines = await lastLines(options.files.logOf(name), LINES);
      return [`  ${name}: ${state}`, ...lines.map((line) => `    ${line}`)].join('\n');
    }),
  );
  if (last?.probeError !== undefined) reports.push(`  last probe: ${last.probeError}`);
  if (last?.engine === 'external') reports.push(...(await reportServers(last)));
  const title = `Not ready after ${Math.round(options.timeoutMs / 1_000)} s:`;
  return new UserError('not-ready', [title, ...reports].join('\n'), {
    hint: 'Give it more time with --timeout 120s, or look at `wonderland doctor`.',
    details: {
      parts: late.map(({ name, state }) => ({ name, state })),
      probe: last?.probeError ?? null,
    },
  });
}
