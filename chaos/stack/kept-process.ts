/** One real process that is started again the moment it dies, as often as it dies. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { env } from 'node:process';

import { BugError } from '../../src/kernel/errors.ts';
import { liveClock as clock } from '../../src/kernel/live.ts';
import { lastLines } from '../../src/stack/part-log.ts';
import { sendSignal } from '../../src/stack/process-identity.ts';
import { familyOf } from '../../src/stack/process-tree.ts';

export interface ProcessSpec {
  readonly name: string;
  /** Program and arguments. It says `ready` over its IPC channel, and leaves when that breaks. */
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  /** Where everything it writes goes. */
  readonly logFile: string;
}

/** An end that nobody asked for: by `kill`, by a fault, or by a defect. */
export interface Death {
  readonly name: string;
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly signal: string | null;
  readonly code: number | null;
}

/** A process that ends so often without ever having been ready will not become so. */
const MAX_VAIN_STARTS = 20;
const READY_WITHIN_MS = 60_000;
const STOP_LIMIT_MS = 6_000;
const POLL_MS = 5;
const LINES = 30;

export class KeptProcess implements AsyncDisposable {
  readonly spec: ProcessSpec;
  readonly deaths: Death[] = [];
  #child: ChildProcess | undefined;
  #isReady = false;
  #isStopping = false;
  #vainStarts = 0;
  #downMs = 0;
  #gone: Promise<void> = Promise.resolve();

  constructor(spec: ProcessSpec) {
    this.spec = spec;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Starts, or waits for the start under way, until it serves. @throws Error with what it wrote last. */
  async ready(withinMs = READY_WITHIN_MS): Promise<void> {
    const giveUpAt = clock.elapsed() + withinMs;
    if (this.#child === undefined && this.deaths.length === 0) this.#spawn();
    while (!this.#isReady) {
      const isHopeless = this.#vainStarts >= MAX_VAIN_STARTS || this.#isStopping;
      if (isHopeless || clock.elapsed() > giveUpAt) throw await this.#notReady();
      await clock.sleep(POLL_MS);
    }
  }

  /** `kill -9`, the process with everything below it; it is started again at once. */
  kill(): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    for (const member of familyOf(pid)) sendSignal(member, 'SIGKILL');
  }

  /** When it dies next, it stays away for so long. */
  stayDownFor(ms: number): void {
    this.#downMs = ms;
  }

  /** The first death after this many; undefined when none comes in time. */
  async deathAfter(count: number, withinMs: number): Promise<Death | undefined> {
    const giveUpAt = clock.elapsed() + withinMs;
    while (this.deaths.length <= count && clock.elapsed() < giveUpAt) await clock.sleep(POLL_MS);
    return this.deaths[count];
  }

  /** Asks it to end, and kills it when it does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    sendSignal(pid, 'SIGTERM');
    const limit = clock.after(STOP_LIMIT_MS, () => this.kill());
    await this.#gone;
    limit.cancel();
  }

  #spawn(): void {
    const { command, environment, logFile } = this.spec;
    const [file, ...words] = command;
    const log = openSync(logFile, 'a');
    const child = spawn(file, words, {
      env: { PATH: env['PATH'], HOME: env['HOME'], TMPDIR: env['TMPDIR'], ...environment },
      stdio: ['ignore', log, log, 'ipc'],
      // A group of its own: Ctrl-C is for the driver.
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    this.#vainStarts++;
    child.on('message', () => {
      this.#isReady = true;
      this.#vainStarts = 0;
    });
    this.#gone = new Promise((resolve) => {
      child.once('error', (error) => resolve(this.#ended({ code: null, signal: error.message })));
      child.once('exit', (code, signal) => resolve(this.#ended({ code, signal })));
    });
  }

  #ended(exit: Pick<Death, 'code' | 'signal'>): void {
    this.#isReady = false;
    if (this.#isStopping) return;
    this.#child = undefined;
    this.deaths.push({ name: this.spec.name, at: clock.elapsed(), ...exit });
    if (this.#vainStarts < MAX_VAIN_STARTS) this.#spawnAgain();
  }

  #spawnAgain(): void {
    const downMs = this.#downMs;
    this.#downMs = 0;
    if (downMs === 0) return this.#spawn();
    clock.after(downMs, () => this.#isStopping || this.#spawn(), { weak: true });
  }

  async #notReady(): Promise<Error> {
    const { name, logFile } = this.spec;
    const lines = await lastLines(logFile, LINES);
    return new BugError(`${name} did not become ready:\n${lines.join('\n')}`);
  }
}
