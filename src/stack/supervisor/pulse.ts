/** Does a process still answer, and how is it? One question at a time over the channel to a part. */
import type { Clock } from '../../kernel/clock.ts';
import { LOST } from '../instance-health.ts';
import type { PartHealth } from '../stack-status.ts';
import type { PartMessage } from '../supervision.ts';

const ANSWER_WITHIN_MS = 1_000;

export interface PulseOptions {
  readonly clock: Clock;
  /** Brings a question to the part; may lose it. */
  readonly ask: (message: PartMessage) => void;
}

export class Pulse {
  readonly #options: PulseOptions;
  #hasPulse = false;
  #answer: Promise<PartHealth> | undefined;
  #settle: (health: PartHealth) => void = () => undefined;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** What the part sent. */
  take(message: PartMessage): void {
    if (message.type === 'ready') this.#hasPulse = message.hasPulse === true;
    if (message.type !== 'pong') return;
    const { trouble } = message;
    this.#settle(trouble === undefined ? { ok: true } : { ok: false, detail: trouble });
    this.#answer = undefined;
  }

  /** Within a second; undefined for a program that never promised to answer. */
  feel(): Promise<PartHealth | undefined> {
    if (!this.#hasPulse) return Promise.resolve(undefined);
    // A frozen process reads nothing: questions would only pile up before it.
    this.#answer ??= this.#askOnce();
    return this.#orSilence(this.#answer);
  }

  async #orSilence(answer: Promise<PartHealth>): Promise<PartHealth> {
    const enough = new AbortController();
    const silence = this.#options.clock
      .sleep(ANSWER_WITHIN_MS, enough.signal)
      .then((): PartHealth => ({ ok: false, detail: LOST }));
    try {
      return await Promise.race([answer, silence]);
    } finally {
      enough.abort();
    }
  }

  #askOnce(): Promise<PartHealth> {
    const answer = new Promise<PartHealth>((resolve) => (this.#settle = resolve));
    this.#options.ask({ type: 'ping' });
    return answer;
  }
}
