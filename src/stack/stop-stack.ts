/** Stops a stack for good: the parts, the supervisor, and whatever a crash left of them. */
import { rmSync } from 'node:fs';

import type { Clock } from '../kernel/clock.ts';
import { UserError } from '../kernel/errors.ts';
import { stopLeftover } from './postgres/leftover.ts';
import { isAlive, sendSignal, type ProcessIdentity } from './process-identity.ts';
import { killFamily } from './process-tree.ts';
import { filesOf, type StackFiles } from './stack-files.ts';
import type { StackStatus } from './stack-status.ts';
import { readState, truthOf, writeState } from './state-file.ts';
import { callSupervisor } from './supervisor/socket-client.ts';
import { removeSocket } from './supervisor/socket-server.ts';
import { isLocked } from './up-lock.ts';

export interface StopOptions {
  readonly stateDir: string;
  readonly name: string;
  readonly clock: Clock;
  /** Aborted when the user will not wait any longer: everything is killed. */
  readonly forced?: AbortSignal;
}

/** A part may take 5 s before it is killed, and servers end after their clients. */
const SUPERVISOR_LIMIT_MS = 12_000;
/** One that says nothing at all for this long hangs. */
const ANSWER_LIMIT_MS = 3_000;
const KILL_LIMIT_MS = 2_000;
const POLL_MS = 10;

/**
 * Afterwards nothing of the stack runs; data, logs and settings stay. Returns what it was before.
 * @throws UserError `environment` when something survives.
 */
export async function stopStack(options: StopOptions): Promise<StackStatus> {
  const files = filesOf(options.stateDir, options.name);
  await untilVisible(files, options.clock);
  return endStack(files, options);
}

/** The same for a caller that holds the lock of `up` itself. */
export async function endStack(
  files: StackFiles,
  options: Omit<StopOptions, 'stateDir' | 'name'>,
): Promise<StackStatus> {
  const state = readState(files);
  const before = truthOf(state, files.name);
  if (state === undefined) return before;
  const others = [state.supervisor].filter(({ pid }) => pid !== process.pid);
  for (const supervisor of others) {
    if (before.state !== 'stopped') await askSupervisor(files, supervisor, options);
    // One that has stopped its parts is about to end; one that hangs is not waited for any longer.
    if (!(await areGone([supervisor], KILL_LIMIT_MS, options.clock))) {
      sendSignal(supervisor.pid, 'SIGKILL');
    }
  }
  const last = readState(files) ?? state;
  await removeSurvivors(files, [...last.processes, ...state.processes, ...others], options);
  removeSocket(files);
  if (!isLocked(files)) rmSync(files.lock, { force: true });
  writeState(files, { ...last, processes: [], status: stopped(last.status) });
  return before;
}

/** An `up` that has only just begun has no supervisor to stop yet. */
async function untilVisible(files: StackFiles, clock: Clock): Promise<void> {
  const deadline = clock.elapsed() + KILL_LIMIT_MS;
  const isQuiet = (): boolean =>
    ['stopped', 'crashed'].includes(truthOf(readState(files), files.name).state);
  while (isQuiet() && isLocked(files) && clock.elapsed() < deadline) await clock.sleep(POLL_MS);
}

async function askSupervisor(
  files: StackFiles,
  supervisor: ProcessIdentity,
  { forced }: Pick<StopOptions, 'forced'>,
): Promise<void> {
  if (!isAlive(supervisor)) return;
  const signal = forced === undefined ? {} : { signal: forced };
  try {
    await callSupervisor(files, { do: 'status' }, { timeoutMs: ANSWER_LIMIT_MS, ...signal });
    await callSupervisor(files, { do: 'shutdown' }, { timeoutMs: SUPERVISOR_LIMIT_MS, ...signal });
  } catch {
    sendSignal(supervisor.pid, 'SIGTERM');
  }
}

async function removeSurvivors(
  files: StackFiles,
  processes: readonly ProcessIdentity[],
  { clock }: Pick<StopOptions, 'clock'>,
): Promise<void> {
  // PostgreSQL first and gently: killed with its guard it would have to recover at the next start.
  await stopLeftover(files.postgres, clock);
  for (const { pid } of processes.filter(isAlive)) killFamily(pid);
  if (await areGone(processes, KILL_LIMIT_MS, clock)) return;
  const pids = processes.filter(isAlive).map(({ pid }) => pid);
  throw new UserError('environment', `These processes do not end: ${pids.join(', ')}`, {
    hint: `Look at them with \`ps -fp ${pids.join(',')}\`; an administrator may have to end them.`,
    details: { pids },
  });
}

async function areGone(
  processes: readonly ProcessIdentity[],
  patienceMs: number,
  clock: Clock,
): Promise<boolean> {
  const deadline = clock.elapsed() + patienceMs;
  while (processes.some(isAlive)) {
    if (clock.elapsed() >= deadline) return false;
    await clock.sleep(POLL_MS);
  }
  return true;
}

function stopped({ supervisorPid: _gone, probeError: _old, ...status }: StackStatus): StackStatus {
  return {
    ...status,
    state: 'stopped',
    parts: status.parts.map(({ pid: _pid, ...part }) =>
      part.state === 'failed' ? part : { ...part, state: 'stopped' },
    ),
  };
}
