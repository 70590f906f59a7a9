/** Owns the parts of one stack: starts them in order, starts crashed ones again, stops them all. */
import type { Clock, Timer } from '../../kernel/clock.ts';
import { UserError } from '../../kernel/errors.ts';
import { lastLines } from '../part-log.ts';
import { backoffMs, live, newLife, type PartEvent, type PartLife } from '../part-life.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import type { Readiness } from '../readiness.ts';
import type { StackFiles } from '../stack-files.ts';
import type { PartStatus, StackStatus, StartFailure } from '../stack-status.ts';
import { spawnPart, type PartProcess, type PartSpec } from './part-process.ts';

export interface SupervisorOptions {
  readonly identity: Pick<StackStatus, 'name' | 'engine' | 'endpoints'>;
  readonly parts: readonly PartSpec[];
  readonly files: StackFiles;
  readonly clock: Clock;
  /** Asks whether a message makes the trip through the stack; the stack is running once it does. */
  readonly probe: () => Promise<Readiness>;
  /** Told of every change, with the processes behind it. */
  readonly onChange: (snapshot: SupervisorSnapshot) => void;
}

export interface SupervisorSnapshot {
  readonly status: StackStatus;
  readonly processes: readonly ProcessIdentity[];
}

interface Managed {
  readonly spec: PartSpec;
  life: PartLife;
  process: PartProcess | undefined;
  retry: Timer | undefined;
}

const PROBE_EVERY_MS = 40;
const LINES_OF_A_FAILURE = 20;

export class Supervisor implements AsyncDisposable {
  readonly #options: SupervisorOptions;
  readonly #parts: ReadonlyMap<string, Managed>;
  readonly #watchers = new Set<(status: StackStatus) => void>();
  #state: StackStatus['state'] = 'starting';
  #failure: StartFailure | undefined;
  #probeError: string | undefined;
  #stopped: Promise<void> | undefined;
  #end: () => void = () => undefined;
  /** Resolves when the stack has been stopped, whoever asked for it. */
  readonly ended: Promise<void> = new Promise((resolve) => (this.#end = resolve));

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const born = newLife(options.clock.now());
    this.#parts = new Map(
      options.parts.map((spec) => [
        spec.name,
        { spec, life: born, process: undefined, retry: undefined },
      ]),
    );
  }

  start(): void {
    this.#startWaiting();
  }

  status(): StackStatus {
    return {
      ...this.#options.identity,
      state: this.#state,
      supervisorPid: process.pid,
      parts: [...this.#parts.values()].map(statusOf),
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
      ...(this.#probeError === undefined ? {} : { probeError: this.#probeError }),
    };
  }

  /** Calls back with the status now and after each change, until the returned function is called. */
  watch(watcher: (status: StackStatus) => void): () => void {
    this.#watchers.add(watcher);
    watcher(this.status());
    return () => void this.#watchers.delete(watcher);
  }

  /** The status with a fresh look at what the mediator says of each part. */
  async inspect(): Promise<StackStatus> {
    if (this.#state !== 'running') return this.status();
    const { error, health } = await this.#options.probe();
    const { parts, ...status } = this.status();
    return {
      ...status,
      ...(error === undefined ? {} : { probeError: error }),
      parts: parts.map((part) => {
        const seen = health[part.name];
        return seen === undefined ? part : { ...part, health: seen };
      }),
    };
  }

  /** Stops everything, dependants first. Twice is harmless. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Stops without patience: every part is killed with its group. */
  async forceStop(): Promise<void> {
    const stopped = this.stop();
    for (const part of this.#parts.values()) part.process?.kill();
    await stopped;
  }

  /** @throws UserError `usage` when there is no such part. */
  async stopPart(name: string): Promise<void> {
    await this.#stopOne(this.#find(name));
  }

  startPart(name: string): void {
    const part = this.#find(name);
    if (part.process !== undefined) return;
    part.retry?.cancel();
    this.#happen(part, { kind: 'waiting' });
    this.#spawn(part);
  }

  async restartPart(name: string): Promise<void> {
    await this.stopPart(name);
    this.startPart(name);
  }

  /** A crash on purpose: the part is started again as after any other. */
  killPart(name: string): void {
    this.#find(name).process?.kill();
  }

  pausePart(name: string): void {
    const part = this.#find(name);
    if (part.life.state !== 'ready') return;
    part.process?.pause();
    this.#happen(part, { kind: 'paused' });
  }

  resumePart(name: string): void {
    const part = this.#find(name);
    if (part.life.state !== 'paused') return;
    part.process?.resume();
    this.#happen(part, { kind: 'resumed' });
  }

  #find(name: string): Managed {
    const part = this.#parts.get(name);
    if (part !== undefined) return part;
    throw new UserError('usage', `This stack has no part "${name}"`, {
      hint: `It has: ${[...this.#parts.keys()].join(', ')}.`,
    });
  }

  #startWaiting(): void {
    if (this.#state !== 'starting') return;
    for (const part of this.#parts.values()) {
      if (part.life.state === 'waiting' && part.spec.after.every((name) => this.#isReady(name))) {
        this.#spawn(part);
      }
    }
    if ([...this.#parts.keys()].every((name) => this.#isReady(name))) void this.#probeUntilReady();
  }

  /** A part that is not of this stack (`--except`) is somebody else's: it counts as ready. */
  #isReady(name: string): boolean {
    const part = this.#parts.get(name);
    return part === undefined || part.life.state === 'ready';
  }

  #spawn(part: Managed): void {
    if (this.#state === 'stopping' || this.#state === 'stopped') return;
    part.retry = undefined;
    part.process = spawnPart({
      spec: part.spec,
      logFile: this.#options.files.logOf(part.spec.name),
      clock: this.#options.clock,
      onReady: () => {
        this.#happen(part, { kind: 'ready' });
        this.#startWaiting();
      },
      onExit: (exit) => {
        part.process = undefined;
        this.#happen(part, { kind: 'exited', exit });
        this.#afterExit(part);
      },
    });
    this.#happen(part, { kind: 'spawned' });
  }

  #afterExit(part: Managed): void {
    if (part.life.state === 'failed' && this.#state === 'starting') void this.#fail(part);
    if (part.life.state !== 'backoff' || this.#state === 'stopping') return;
    const delayMs = backoffMs(part.life);
    part.retry = this.#options.clock.after(delayMs, () => this.#spawn(part));
  }

  async #fail(part: Managed): Promise<void> {
    if (this.#failure !== undefined) return;
    const { name } = part.spec;
    const exit = part.life.lastExit ?? { code: null, signal: null };
    this.#failure = { part: name, exit, lines: [] };
    const lines = await lastLines(this.#options.files.logOf(name), LINES_OF_A_FAILURE);
    this.#failure = { part: name, exit, lines };
    await this.stop();
  }

  async #probeUntilReady(): Promise<void> {
    while (this.#state === 'starting') {
      const readiness = await this.#options.probe();
      if (this.#state !== 'starting') return;
      this.#probeError = readiness.error;
      if (readiness.error === undefined) this.#state = 'running';
      this.#tell();
      if (this.#state === 'starting') await this.#options.clock.sleep(PROBE_EVERY_MS);
    }
  }

  async #stopAll(): Promise<void> {
    this.#state = 'stopping';
    this.#tell();
    const left = new Set(this.#parts.values());
    while (left.size > 0) {
      const needed = new Set([...left].flatMap((part) => part.spec.after));
      const free = [...left].filter((part) => !needed.has(part.spec.name));
      const wave = free.length > 0 ? free : [...left];
      await Promise.all(wave.map((part) => this.#stopOne(part)));
      for (const part of wave) left.delete(part);
    }
    this.#state = 'stopped';
    this.#tell();
    this.#end();
  }

  async #stopOne(part: Managed): Promise<void> {
    part.retry?.cancel();
    part.retry = undefined;
    if (part.process === undefined) {
      if (part.life.state !== 'failed') this.#happen(part, { kind: 'stopped' });
      return;
    }
    this.#happen(part, { kind: 'stopping' });
    await part.process.stop();
  }

  #happen(part: Managed, event: DistributiveOmit<PartEvent, 'at'>): void {
    part.life = live(part.life, { ...event, at: this.#options.clock.now() });
    this.#tell();
  }

  #tell(): void {
    const status = this.status();
    const processes = [...this.#parts.values()].flatMap((part) => part.process?.identity ?? []);
    this.#options.onChange({ status, processes });
    for (const watcher of this.#watchers) watcher(status);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function statusOf({ spec, life, process }: Managed): PartStatus {
  const pid = process?.identity?.pid;
  return {
    name: spec.name,
    state: life.state,
    since: life.since,
    restarts: life.restarts,
    ...(pid === undefined ? {} : { pid }),
    ...(life.lastExit === undefined ? {} : { lastExit: life.lastExit }),
  };
}
