/** Owns the parts of one stack: starts them in order, follows them, and stops them all. */
import type { Clock } from '../../kernel/clock.ts';
import { UserError } from '../../kernel/errors.ts';
import { lastLines } from '../part-log.ts';
import { describeTroubles, withPulses, type Pulses } from '../instance-health.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import type { Readiness } from '../readiness.ts';
import type { StackFiles } from '../stack-files.ts';
import { serviceOf } from '../instances.ts';
import type { Endpoints, StackStatus, StartFailure } from '../stack-status.ts';
import { ManagedPart } from './managed-part.ts';
import type { PartSpec } from './part-process.ts';

export interface SupervisorOptions {
  readonly identity: Pick<StackStatus, 'name' | 'engine'>;
  readonly endpoints: Endpoints;
  readonly parts: readonly PartSpec[];
  readonly files: StackFiles;
  readonly clock: Clock;
  /** Asks whether a message makes the trip through the stack; the stack is running once it does. */
  readonly probe: (place: ProbePlace) => Promise<Readiness>;
  /** Told of every change, with the processes behind it. */
  readonly onChange: (snapshot: SupervisorSnapshot) => void;
}

/** Where to ask, and for which parts. */
export interface ProbePlace {
  readonly endpoints: Endpoints;
  readonly parts: readonly string[];
}

/** What a running stack shall consist of from now on. */
export interface Rescaling {
  readonly parts: readonly PartSpec[];
  readonly endpoints: Endpoints;
}

export interface SupervisorSnapshot {
  readonly status: StackStatus;
  readonly processes: readonly ProcessIdentity[];
}

const PROBE_EVERY_MS = 40;
const LINES_OF_A_FAILURE = 20;

export class Supervisor implements AsyncDisposable {
  readonly #options: SupervisorOptions;
  readonly #parts = new Map<string, ManagedPart>();
  readonly #watchers = new Set<(status: StackStatus) => void>();
  #endpoints: Endpoints;
  #state: StackStatus['state'] = 'starting';
  #failure: StartFailure | undefined;
  #probeError: string | undefined;
  #isProbing = false;
  #stopped: Promise<void> | undefined;
  #end: () => void = () => undefined;
  /** Resolves when the stack has been stopped, whoever asked for it. */
  readonly ended: Promise<void> = new Promise((resolve) => (this.#end = resolve));

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#endpoints = options.endpoints;
    for (const spec of options.parts) this.#parts.set(spec.name, this.#manage(spec));
  }

  start(): void {
    this.#startWaiting();
  }

  status(): StackStatus {
    return {
      ...this.#options.identity,
      endpoints: this.#endpoints,
      state: this.#state,
      supervisorPid: process.pid,
      parts: [...this.#parts.values()].map((part) => part.status()),
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
    const [readiness, pulses] = await Promise.all([this.#probe(), this.#feelPulses()]);
    const { troubles, health } = withPulses(readiness, pulses);
    const error = describeTroubles(troubles);
    const { parts, ...status } = this.status();
    return {
      ...status,
      ...(error === undefined ? {} : { probeError: error, troubles }),
      parts: parts.map((part) => {
        const seen = health[part.name];
        return seen === undefined ? part : { ...part, health: seen };
      }),
    };
  }

  /** @throws UserError `usage` when there is no such part. */
  part(name: string): ManagedPart {
    const part = this.#parts.get(name);
    if (part !== undefined) return part;
    throw new UserError('usage', `This stack has no part "${name}"`, {
      hint: `It has: ${[...this.#parts.keys()].join(', ')}.`,
    });
  }

  /**
   * Stops instances that are too many and starts those that are missing; the others are not touched.
   * Answers when the first have ended and the second are on their way.
   * @throws UserError `not-ready` unless the stack is running
   */
  async rescale({ parts, endpoints }: Rescaling): Promise<void> {
    if (this.#state !== 'running') {
      throw new UserError('not-ready', `The stack is ${this.#state}: it cannot be scaled now`, {
        hint: 'Wait for it: `wonderland wait`.',
      });
    }
    this.#endpoints = endpoints;
    const wanted = new Set(parts.map((spec) => spec.name));
    const gone = [...this.#parts.values()].filter((part) => !wanted.has(part.name));
    await Promise.all(gone.map((part) => part.stop()));
    const next = parts.map((spec) => this.#parts.get(spec.name) ?? this.#sibling(spec));
    this.#parts.clear();
    for (const part of next) this.#parts.set(part.name, part);
    for (const part of next) if (part.state === 'waiting') part.start();
    this.#tell();
  }

  /** Ends every crash, hang and restart on purpose that is still on; the names of those that come back. */
  heal(): readonly string[] {
    if (this.#stopped !== undefined) return [];
    return [...this.#parts.values()].filter((part) => part.heal()).map((part) => part.name);
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
    for (const part of this.#parts.values()) part.killAtOnce();
    await stopped;
  }

  #manage(spec: PartSpec): ManagedPart {
    const { files, clock } = this.#options;
    const onChange = (part: ManagedPart): void => this.#onPartChange(part);
    return new ManagedPart({ spec, logFile: files.logOf(spec.name), clock, onChange });
  }

  /** A further instance finds what the first one found: this stack's environment, not that of a later shell. */
  #sibling(spec: PartSpec): ManagedPart {
    const first = this.#parts.get(serviceOf(spec.name))?.spec.environment;
    const { WONDERLAND_PART, WONDERLAND_HTTP_PORT } = spec.environment;
    const environment =
      first === undefined ? spec.environment : { ...first, WONDERLAND_PART, WONDERLAND_HTTP_PORT };
    return this.#manage({ ...spec, environment });
  }

  #probe(): Promise<Readiness> {
    return this.#options.probe({ endpoints: this.#endpoints, parts: [...this.#parts.keys()] });
  }

  async #feelPulses(): Promise<Pulses> {
    const parts = [...this.#parts.values()];
    const felt = await Promise.all(parts.map(async (part) => [part.name, await part.feelPulse()]));
    return Object.fromEntries(felt.filter(([, health]) => health !== undefined)) as Pulses;
  }

  #onPartChange(part: ManagedPart): void {
    this.#tell();
    if (this.#state !== 'starting') return;
    if (part.state === 'ready') this.#startWaiting();
    if (part.state === 'failed') void this.#fail(part);
  }

  #startWaiting(): void {
    const parts = [...this.#parts.values()];
    for (const part of parts) {
      const isDue =
        part.state === 'waiting' && part.spec.after.every((name) => this.#isReady(name));
      if (isDue) part.start();
    }
    if (!this.#isProbing && parts.every(({ state }) => state === 'ready')) {
      void this.#probeUntilReady();
    }
  }

  /** A part that is not of this stack (`--except`) is somebody else's: it counts as ready. */
  #isReady(name: string): boolean {
    return (this.#parts.get(name)?.state ?? 'ready') === 'ready';
  }

  async #probeUntilReady(): Promise<void> {
    this.#isProbing = true;
    while (this.#state === 'starting') {
      const error = describeTroubles((await this.#probe()).troubles);
      if (this.#state !== 'starting') return;
      this.#probeError = error;
      if (error === undefined) this.#state = 'running';
      this.#tell();
      if (error !== undefined) await this.#options.clock.sleep(PROBE_EVERY_MS);
    }
  }

  /** The first part to fail is the reason; what fails in its wake is not. */
  async #fail(part: ManagedPart): Promise<void> {
    if (this.#failure !== undefined) return;
    const { name, lastExit: exit } = part;
    this.#failure = { part: name, exit, lines: [] };
    const lines = await lastLines(this.#options.files.logOf(name), LINES_OF_A_FAILURE);
    this.#failure = { part: name, exit, lines };
    await this.stop();
  }

  async #stopAll(): Promise<void> {
    this.#state = 'stopping';
    this.#tell();
    const left = new Set(this.#parts.values());
    while (left.size > 0) {
      const needed = new Set([...left].flatMap((part) => part.spec.after));
      const free = [...left].filter((part) => !needed.has(part.name));
      const wave = free.length > 0 ? free : [...left];
      await Promise.all(wave.map((part) => part.stop()));
      for (const part of wave) left.delete(part);
    }
    this.#state = 'stopped';
    this.#tell();
    this.#end();
  }

  #tell(): void {
    const status = this.status();
    const processes = [...this.#parts.values()].flatMap((part) => part.identity ?? []);
    this.#options.onChange({ status, processes });
    for (const watcher of this.#watchers) watcher(status);
  }
}
