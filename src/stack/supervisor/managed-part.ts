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
  /** Starts or thaws it by itself; at most one is set. */
  #timer: Timer | undefined;
  /** How long it shall stay down once its process, which was told to end, has ended. */
  #holdMs: number | undefined;

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
    const { state, since, restarts, lastExit, heldUntil } = this.#life;
    const pid = this.identity?.pid;
    return {
      name: this.name,
      state,
      since,
      restarts,
      ...(pid === undefined ? {} : { pid }),
      ...(lastExit === undefined ? {} : { lastExit }),
      ...(heldUntil === undefined ? {} : { heldUntil }),
    };
  }

  /** How the process says that it is; undefined when it does not serve, or answers no such questions. */
  async feelPulse(): Promise<PartHealth | undefined> {
    const health = this.state === 'ready' ? await this.#process?.feelPulse() : undefined;
    return this.state === 'ready' ? health : undefined;
  }

  /**
   * Starts it anew, as if it had never run, or ends a trouble made on purpose before its time; does nothing
   * while it runs.
   */
  start(): void {
    if (this.#isHeld()) return this.resume();
    if (this.#process !== undefined) return;
    this.#happen({ kind: 'waiting' });
    this.#spawn();
  }

  /** Afterwards no process of it is left, and nobody starts it again unasked. */
  async stop(): Promise<void> {
    this.#forgetPlans();
    if (this.#process === undefined) {
      if (this.state !== 'failed') this.#happen({ kind: 'stopped' });
      return;
    }
    this.#happen({ kind: 'stopping' });
    await this.#process.stop();
  }

  /**
   * A crash on purpose; resolves when it is down. It is started again as after any other, or after `forMs`.
   * @throws UserError `not-ready` when there is nothing to kill
   */
  async kill(forMs?: number): Promise<void> {
    const running = this.#process;
    if (running === undefined && this.#isOff()) throw this.#cannot('kill');
    if (forMs !== undefined && this.#holdInstead('kill', forMs)) return;
    running?.kill();
    await running?.ended;
  }

  /** Whatever runs of it is gone; nothing else changes. */
  killAtOnce(): void {
    this.#process?.kill();
  }

  /**
   * Ends it in good order; resolves when it is down. It is started again after `forMs`.
   * @throws UserError `not-ready` when there is nothing to restart
   */
  async restartAfter(forMs: number): Promise<void> {
    const running = this.#process;
    const isEnding = this.state === 'stopping';
    if (this.#holdInstead('restart', forMs)) return;
    if (isEnding) return running?.ended;
    this.#happen({ kind: 'stopping' });
    await running?.stop();
  }

  /**
   * Resolves when it is frozen indeed; twice is harmless. It goes on by itself after `forMs`, and not before
   * the end of an earlier pause.
   * @throws UserError `not-ready`
   */
  async pause(forMs?: number): Promise<void> {
    if (this.state === 'paused') return this.#prolongPause(forMs);
    const running = this.#process;
    if (this.state !== 'ready' || running === undefined) throw this.#cannot('pause');
    running.pause();
    const { clock } = this.#options;
    const deadline = clock.elapsed() + FREEZE_LIMIT_MS;
    while (!running.isFrozen() && clock.elapsed() < deadline) {
      if (identify(running.identity?.pid ?? 0) === undefined) break;
      await clock.sleep(FREEZE_POLL_MS);
    }
    // Meanwhile it may have died, or somebody stopped it.
    if (!running.isFrozen() || this.#process !== running) throw this.#cannot('pause');
    if (this.state === 'ready') this.#pausedFor(forMs);
    else if (this.state === 'paused') this.#prolongPause(forMs);
  }

  /** Thaws a frozen part; starts one that is kept down. */
  resume(): void {
    if (this.#holdMs !== undefined) this.#holdMs = 0;
    if (this.state === 'held') this.#spawn();
    if (this.state !== 'paused') return;
    this.#forgetPlans();
    this.#process?.resume();
    this.#happen({ kind: 'resumed' });
  }

  /** Ends what was done to it on purpose, and the wait after a crash. Was there anything? */
  heal(): boolean {
    if (this.state === 'backoff') this.#spawn();
    else if (this.#isHeld()) this.resume();
    else return false;
    return true;
  }

  #isOff(): boolean {
    return ['waiting', 'stopping', 'stopped', 'failed'].includes(this.state);
  }

  #isHeld(): boolean {
    return this.#life.heldUntil !== undefined || this.#holdMs !== undefined;
  }

  /** Keeps it down whose process is gone already; else notes how long it shall be down. */
  #holdInstead(verb: 'kill' | 'restart', forMs: number): boolean {
    if (this.#isOff() && this.#holdMs === undefined) throw this.#cannot(verb);
    if (this.#process === undefined) {
      const until = this.#options.clock.now() + forMs;
      this.#holdUntil(Math.max(until, this.#life.heldUntil ?? 0));
      return true;
    }
    this.#forgetTimer();
    this.#holdMs = Math.max(forMs, this.#holdMs ?? 0);
    return false;
  }

  #holdUntil(until: number): void {
    this.#happen({ kind: 'held', until });
    this.#after(until, () => this.#spawn());
  }

  #pausedFor(forMs: number | undefined): void {
    const until = forMs === undefined ? undefined : this.#options.clock.now() + forMs;
    this.#happen({ kind: 'paused', until });
    if (until !== undefined) this.#after(until, () => this.resume());
  }

  /** Who froze it without an end wants it so. */
  #prolongPause(forMs: number | undefined): void {
    const { heldUntil } = this.#life;
    if (heldUntil === undefined) return;
    const leftMs = heldUntil - this.#options.clock.now();
    this.#forgetTimer();
    this.#pausedFor(forMs === undefined ? undefined : Math.max(forMs, leftMs));
  }

  #after(until: number, action: () => void): void {
    const { clock } = this.#options;
    this.#forgetTimer();
    this.#timer = clock.after(Math.max(0, until - clock.now()), action);
  }

  #forgetPlans(): void {
    this.#forgetTimer();
    this.#holdMs = undefined;
  }

  #forgetTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #cannot(verb: 'kill' | 'restart' | 'pause'): UserError {
    const isOff = ['stopping', 'stopped', 'failed'].includes(this.state);
    const isKept = this.state === 'held';
    const how = isOff ? `is ${this.state}` : isKept ? 'is kept down' : 'is being started';
    return new UserError('not-ready', `${this.name} ${how}: there is nothing to ${verb}`, {
      hint: isOff
        ? `Start it with \`wonderland restart ${this.name}\`.`
        : `Try again when it is ready: wonderland wait ${this.name}`,
      details: { part: this.name, state: this.state },
    });
  }

  #spawn(): void {
    this.#forgetPlans();
    const { spec, logFile, clock } = this.#options;
    this.#process = spawnPart({
      spec,
      logFile,
      clock,
      onReady: () => this.#happen({ kind: 'ready' }),
      onExit: (exit) => this.#onExit(exit),
    });
    this.#happen({ kind: 'spawned' });
  }

  #onExit(exit: PartExit): void {
    const holdMs = this.#holdMs;
    this.#process = undefined;
    this.#forgetPlans();
    const heldUntil = holdMs === undefined ? undefined : this.#options.clock.now() + holdMs;
    this.#happen({ kind: 'exited', exit, heldUntil });
    if (heldUntil !== undefined) this.#after(heldUntil, () => this.#spawn());
    if (this.state !== 'backoff') return;
    this.#timer = this.#options.clock.after(backoffMs(this.#life), () => this.#spawn());
  }

  #happen(event: Happening): void {
    this.#life = live(this.#life, { ...event, at: this.#options.clock.now() });
    this.#options.onChange(this);
  }
}
