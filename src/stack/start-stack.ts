/** Starts a stack and waits until it is truly ready; a stack that runs already is left as it is. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Settings } from '../config/settings.ts';
import type { Clock } from '../kernel/clock.ts';
import { BugError, UserError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Scale } from './instances.ts';
import { lastLines } from './part-log.ts';
import { chooseParts, planParts, type PartChoice } from './part-plan.ts';
import { chooseEngine, planStack } from './plan-stack.ts';
import { requireFreePorts } from './ports/check.ts';
import { checkOffset, type PortChoice } from './ports/plan.ts';
import { readStatus } from './read-status.ts';
import { isScaledOtherwise, rescaleStack } from './rescale-stack.ts';
import { filesOf, makeDirectories, type StackFiles } from './stack-files.ts';
import { readRecord, writeRecord } from './stack-record.ts';
import { isReady, type StackStatus } from './stack-status.ts';
import { endStack } from './stop-stack.ts';
import type { SupervisorPlan } from './supervisor/process.ts';
import { callSupervisor } from './supervisor/socket-client.ts';
import { whileLocked } from './up-lock.ts';
import { watchStatus } from './watch-status.ts';
import { waitUntilReady } from './wait-until-ready.ts';

export interface StartOptions {
  readonly settings: Settings;
  /** `auto`, `embedded` or `external`. */
  readonly engine: string;
  readonly parts: PartChoice;
  readonly ports: Omit<PortChoice, 'stored'>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Aborted: what was started is stopped again. */
  readonly signal: AbortSignal;
}

export interface StartProgress {
  /** The engine has been chosen. */
  onEngine(engine: string, reason: string): void;
  onStatus(status: StackStatus): void;
}

export interface StartedStack {
  readonly status: StackStatus;
  /** It was running before, and nothing but the number of instances was changed. */
  readonly wasRunning: boolean;
  /** The number of instances was changed. */
  readonly wasRescaled: boolean;
}

/**
 * Starts a detached supervisor unless one runs, and waits for readiness. When it does not come to that,
 * everything is stopped again; data is never removed.
 * @throws UserError `port-taken`, `broker-unreachable`, `database-unreachable`, `not-ready`, `part-failed`,
 *   `interrupted`, `environment`, `invalid-config`
 */
export async function startStack(
  options: StartOptions,
  progress: StartProgress,
): Promise<StartedStack> {
  const { settings } = options;
  const files = filesOf(settings.stateDir, settings.stack);
  checkWish(files, options);
  const running = await readStatus({ stateDir: settings.stateDir, name: files.name, probe: true });
  const isAsAsked = !isScaledOtherwise(running, scaleAsked(running, options));
  if (isReady(running) && isAsAsked) return unchanged(running);
  makeDirectories(files);
  return whileLocked(files, options, () => startOrJoin(files, options, progress));
}

/** What is asked for must make sense for a stack that runs already, too. */
function checkWish(
  files: StackFiles,
  { engine: asked, parts, ports, settings }: StartOptions,
): void {
  const stored = readRecord(files);
  const { engine } =
    asked === 'auto' && stored !== undefined ? stored : chooseEngine({ asked, settings, stored });
  chooseParts(engine, parts);
  checkOffset(ports.offset ?? 0);
}

/** Whoever held the lock before may have started it meanwhile. */
async function startOrJoin(
  files: StackFiles,
  options: StartOptions,
  progress: StartProgress,
): Promise<StartedStack> {
  const { stateDir } = options.settings;
  const status = await readStatus({ stateDir, name: files.name, probe: true });
  if (status.state !== 'running' && status.state !== 'starting') {
    const launched = await launch(files, options, progress);
    return { status: launched, wasRunning: false, wasRescaled: false };
  }
  const scale = scaleAsked(status, options);
  if (status.state === 'running' && isScaledOtherwise(status, scale)) {
    const rescaled = await rescaleStack(files, status, { ...options, scale });
    return { status: rescaled, wasRunning: true, wasRescaled: true };
  }
  return unchanged(isReady(status) ? status : await join(files, options, progress));
}

function unchanged(status: StackStatus): StartedStack {
  return { status, wasRunning: true, wasRescaled: false };
}

/** A stack that does not run can be started with any. */
function scaleAsked({ state }: StackStatus, { parts }: StartOptions): Scale {
  return state === 'running' ? (parts.scale ?? {}) : {};
}

async function launch(
  files: StackFiles,
  options: StartOptions,
  progress: StartProgress,
): Promise<StackStatus> {
  await endStack(files, options); // what a crash left
  const plan = await planStart(files, options, progress);
  const supervisor = spawnSupervisor(files, plan);
  try {
    await untilListening(files, supervisor, options);
    return await join(files, options, progress);
  } catch (error) {
    await endStack(files, options);
    await endSupervisor(supervisor, options.clock);
    throw error;
  }
}

/** Everything that can be refused is refused here, before the first process is started. */
export async function planStart(
  files: StackFiles,
  options: StartOptions,
  progress: Pick<StartProgress, 'onEngine'>,
): Promise<SupervisorPlan> {
  const { settings, clock, ids } = options;
  const stored = readRecord(files);
  const { engine, reason } = chooseEngine({ asked: options.engine, settings, stored });
  const names = chooseParts(engine, options.parts);
  progress.onEngine(engine, reason);
  const { ports, parts: choice } = options;
  const scale = choice.scale ?? {};
  const plan = { files, settings, engine, ports, stored, scale, clock, ids };
  const record = await planStack(plan);
  if (engine === 'external') {
    const { requireServers } = await import('./server-access.ts');
    await requireServers(record.endpoints);
  }
  await requireFreePorts(record.ports, names);
  writeRecord(files, record);
  const parts = planParts({
    record,
    stateDir: settings.stateDir,
    smtpUrl: settings.smtpUrl,
    names,
  });
  return { stateDir: settings.stateDir, record, parts };
}

/** Detached, in a session of its own: it outlives this command and its terminal. */
function spawnSupervisor(files: StackFiles, plan: SupervisorPlan): ChildProcess {
  const log = openSync(files.logOf('supervisor'), 'w', 0o600);
  const isSource = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(
    new URL(`./supervisor/process${isSource ? '.ts' : '.js'}`, import.meta.url),
  );
  const child = spawn(process.execPath, [...(isSource ? ['--import', 'tsx'] : []), entry], {
    detached: true,
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  if (child.stdin === null) throw new BugError('the supervisor has no stdin');
  child.stdin.on('error', () => undefined); // it died: the caller sees the exit
  child.stdin.end(JSON.stringify(plan));
  child.unref();
  return child;
}

const POLL_MS = 10;
const LINES = 20;

async function untilListening(
  files: StackFiles,
  supervisor: ChildProcess,
  { clock, signal, timeoutMs }: StartOptions,
): Promise<void> {
  const deadline = clock.elapsed() + timeoutMs;
  while (!(await answers(files))) {
    if (signal.aborted) throw new UserError('interrupted', 'Stopped.');
    if (supervisor.exitCode !== null || supervisor.signalCode !== null) {
      const lines = await lastLines(files.logOf('supervisor'), LINES);
      throw new BugError(`The supervisor ended at its start:\n${lines.join('\n')}`);
    }
    if (clock.elapsed() > deadline)
      throw new UserError('not-ready', 'The supervisor did not start');
    await clock.sleep(POLL_MS);
  }
}

/** The file alone is no proof: a socket is bound a moment before it listens. */
async function answers(files: StackFiles): Promise<boolean> {
  if (!existsSync(files.socket)) return false;
  return callSupervisor(files, { do: 'status' }).then(
    () => true,
    () => false,
  );
}

/** Waits for a stack that has a supervisor. */
async function join(
  files: StackFiles,
  options: StartOptions,
  progress: StartProgress,
): Promise<StackStatus> {
  const hanging = new AbortController();
  return waitUntilReady({
    statuses: watchStatus({ ...options, files, signal: hanging.signal }),
    files,
    timeoutMs: options.timeoutMs,
    clock: options.clock,
    signal: options.signal,
    onStatus: (status) => progress.onStatus(status),
    hangUp: () => hanging.abort(),
  });
}

const SUPERVISOR_LIMIT_MS = 12_000;

/** For one that died or hung before it said anything: `endStack` knows only those that did. */
async function endSupervisor(supervisor: ChildProcess, clock: Clock): Promise<void> {
  const hasEnded = (): boolean => supervisor.exitCode !== null || supervisor.signalCode !== null;
  if (hasEnded()) return;
  supervisor.kill('SIGTERM');
  const deadline = clock.elapsed() + SUPERVISOR_LIMIT_MS;
  while (!hasEnded() && clock.elapsed() < deadline) await clock.sleep(POLL_MS);
  if (!hasEnded()) supervisor.kill('SIGKILL');
}
