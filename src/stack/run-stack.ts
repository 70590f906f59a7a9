/** A stack under this very process: for `up --foreground`, scenarios and tests. It ends with the process. */
import { BugError } from '../kernel/errors.ts';
import { filesOf, makeDirectories, type StackFiles } from './stack-files.ts';
import type { StackStatus } from './stack-status.ts';
import { planStart, type StartOptions, type StartProgress } from './start-stack.ts';
import { endStack } from './stop-stack.ts';
import { startHost, type Host } from './supervisor/host.ts';
import { doorTo, type SupervisorDoor } from './supervisor/door.ts';
import { statusesOf } from './supervisor/statuses.ts';
import { whileLocked } from './up-lock.ts';
import { waitUntilReady } from './wait-until-ready.ts';

export interface RunningStack extends AsyncDisposable {
  readonly status: StackStatus;
  readonly door: SupervisorDoor;
  /** Resolves when the stack has been stopped, by whomever. */
  readonly ended: Promise<void>;
  /** Kills everything at once. */
  forceStop(): Promise<void>;
}

/**
 * Starts the stack here and waits until it is ready; when that fails, everything is stopped again.
 * @throws UserError as `startStack`, and `usage` when the stack runs already
 */
export async function runStack(
  options: StartOptions,
  progress: StartProgress,
): Promise<RunningStack> {
  const { settings } = options;
  const files = filesOf(settings.stateDir, settings.stack);
  makeDirectories(files);
  return whileLocked(files, options, () => host(files, { options, progress }));
}

async function host(files: StackFiles, start: Start): Promise<RunningStack> {
  const { options, progress } = start;
  const { clock } = options;
  await endStack(files, options);
  const { record, parts } = await planStart(files, options, progress);
  const hosted = await startHost({ files, record, parts, clock });
  try {
    const status = await untilReady(hosted, files, start);
    return {
      status,
      door: doorTo(hosted.supervisor),
      ended: hosted.supervisor.ended,
      forceStop: () => hosted.supervisor.forceStop(),
      [Symbol.asyncDispose]: () => hosted[Symbol.asyncDispose](),
    };
  } catch (error) {
    await hosted[Symbol.asyncDispose]();
    throw error;
  }
}

interface Start {
  readonly options: StartOptions;
  readonly progress: StartProgress;
}

function untilReady(
  { supervisor }: Host,
  files: StackFiles,
  { options, progress }: Start,
): Promise<StackStatus> {
  const hanging = new AbortController();
  return waitUntilReady({
    statuses: statusesOf(supervisor, hanging.signal),
    files,
    timeoutMs: options.timeoutMs,
    clock: options.clock,
    signal: options.signal,
    onStatus: (status) => progress.onStatus(status),
    hangUp: () => hanging.abort(),
  });
}

/** Where a stack answers that is ready. */
export function endpointsOf(status: StackStatus): NonNullable<StackStatus['endpoints']> {
  if (status.endpoints === undefined) throw new BugError('a running stack has no endpoints');
  return status.endpoints;
}
