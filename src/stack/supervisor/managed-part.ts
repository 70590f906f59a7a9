/** One part under a supervisor: its process, its life, and what can be done to it. */
import type { Clock, Timer } from '../../kernel/clock.ts';
import { UserError } from '../../kernel/errors.ts';
import { backoffMs, live, newLife, type PartEvent, type PartLife } from '../part-life.ts';
import { identify, type ProcessIdentity } from '../process-identity.ts';
import type { PartExit, PartHealth, PartStatus } from '../stack-status.ts';
import { spawnPart, type PartProcess, type PartSpec } from './part-process.ts';

export interface ManagedPartOptions {
  readonly spec: PartSpec;
  readonly logFile: string;
  readonly clock: Clock;
  /** Told after each change. */
  readonly onChange: (part: ManagedPart) => void;
}

type Happening = PartEvent extends infer E ? (E extends unknown ? Omit<E, 'at'> : never) : never;

const FREEZE_LIMIT_MS = 1_000;
const FREEZE_POLL_MS = 5;
const NO_EXIT: PartExit = { code: null, signal: null };

export class ManagedPart {
  readonly spec: PartSpec;
  readonly #options: ManagedPartOptions;
  #life: PartLife;
  #process: PartProcess | undefined;
  #retry: Timer | undefined;

  constructor(options: ManagedPartOptions) {
    this.spec = options.spec;
    this.#options = options;
    this.#life = newLife(options.clock.now());
  }

  get name(): string {
    return this.spec.name;
  }

  get state(): PartLife['state'] {
    return this.#life.state;
  }

  get lastExit(): PartExit {
    return this.#life.lastExit ?? NO_EXIT;
  }

  get identity(): ProcessIdentity | undefined {
    return this.#process?.identity;
  }

  status(): PartStatus {
    const { state, since, restarts, lastExit } = this.#life;
    const pid = this.identity?.pid;
    return {
      name: this.name,
      state,
      since,
      restarts,
      ...(pid === undefined ? {} : { pid }),
      ...(lastExit === undefined ? {} : { lastExit }),
    };
  }

  /** How the process says that it is; undefined when it does not serve, or answers no such questions. */
  async feelPulse(): Promise<PartHealth | undefined> {
    const health = this.state === 'ready' ? await this.#process?.feelPulse() : undefined;
    return this.state === 'ready' ? health : undefined;
  }

  /** Starts it anew, as if it had never run; does nothing while it runs. */
  start(): void {
    if (this.#process !== undefined) return;
    this.#happen({ kind: 'waiting' });
    this.#spawn();
  }

  /** Afterwards no process of it is left, and nobody starts it again unasked. */
  async stop(): Promise<void> {
    this.#retry?.cancel();
    this.#retry = undefined;
    if (this.#process === undefined) {
      if (this.state !== 'failed') this.#happen({ kind: 'stopped' });
      return;
    }
    this.#happen({ kind: 'stopping' });
    await this.#process.stop();
  }

  /** A crash on purpose: it is started again as after any other. */
  kill(): void {
    this.#process?.kill();
  }

  /** Resolves when it is frozen indeed; twice is harmless. @throws UserError `not-ready` */
  async pause(): Promise<void> {
    if (this.state === 'paused') return;
    const running = this.#process;
    if (this.state !== 'ready' || running === undefined) throw this.#cannotPause();
    running.pause();
    const { clock } = this.#options;
    const deadline = clock.elapsed() + FREEZE_LIMIT_MS;
    while (!running.isFrozen() && clock.elapsed() < deadline) {
      if (identify(running.identity?.pid ?? 0) === undefined) break;
      await clock.sleep(FREEZE_POLL_MS);
    }
    // Meanwhile it may have died, or somebody stopped it.
    if (!running.isFrozen() || this.#process !== running) throw this.#cannotPause();
    if (this.state === 'ready') this.#happen({ kind: 'paused' });
  }

  #cannotPause(): UserError {
    const isOff = this.state === 'stopped' || this.state === 'failed';
    const how = isOff ? `is ${this.state}` : 'is being started';
    return new UserError('not-ready', `${this.name} ${how}: there is nothing to pause`, {
      hint: isOff
        ? `Start it with \`wonderland restart ${this.name}\`.`
        : `Try again when it is ready: wonderland wait ${this.name}`,
      details: { part: this.name, state: this.state },
    });
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.#process?.resume();
    this.#happen({ kind: 'resumed' });
  }

  #spawn(): void {
    this.#retry = undefined;
    const { spec, logFile, clock } = this.#options;
    this.#process = spawnPart({
      spec,
      logFile,
      clock,
      onReady: () => this.#happen({ kind: 'ready' }),
      onExit: (exit) => {
        this.#process = undefined;
        this.#happen({ kind: 'exited', exit });
        if (this.state !== 'backoff') return;
        this.#retry = clock.after(backoffMs(this.#life), () => this.#spawn());
      },
    });
    this.#happen({ kind: 'spawned' });
  }

  #happen(event: Happening): void {
    this.#life = live(this.#life, { ...event, at: this.#options.clock.now() });
    this.#options.onChange(this);
  }
}
