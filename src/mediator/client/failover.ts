/** Of several mediators of one shop, the first that answers: one that was killed or hangs stops nobody. */
import type { Clock } from '../../kernel/clock.ts';

export interface FailoverOptions {
  /** The first one is asked first. */
  readonly urls: readonly string[];
  /** Gives up everything that is under way. */
  readonly signal: AbortSignal;
  /** Needed to notice one that hangs; without it only those that cannot be reached are passed over. */
  readonly clock?: Clock | undefined;
}

/** Asks one mediator; the signal aborts when it turns out to hang. */
export type Attempt<Answer> = (url: string, signal: AbortSignal) => Promise<Answer>;

/** No word for this long makes us ask whether it is still alive. */
const SILENCE_MS = 1_000;
const SIGN_OF_LIFE_MS = 1_000;

export class Failover {
  readonly #options: FailoverOptions;
  /** The one that answered last. */
  #current = 0;

  constructor(options: FailoverOptions) {
    this.#options = options;
  }

  /**
   * What is asked must bear being asked twice: the first one may have heard it before it died.
   * @throws what the last attempt threw, when nobody answers
   */
  async ask<Answer>(attempt: Attempt<Answer>): Promise<Answer> {
    const { urls, signal } = this.#options;
    for (let tries = 1; ; tries++) {
      try {
        return await this.#try(urls[this.#current] ?? '', attempt);
      } catch (error) {
        if (signal.aborted || tries >= urls.length || !isUnreachable(error)) throw error;
        this.#current = (this.#current + 1) % urls.length;
      }
    }
  }

  async #try<Answer>(url: string, attempt: Attempt<Answer>): Promise<Answer> {
    const { urls, signal, clock } = this.#options;
    if (urls.length === 1 || clock === undefined) return attempt(url, signal);
    const hanging = new AbortController();
    const watch = new Watch({ url, clock, signal, onSilence: () => hanging.abort(SILENT) });
    try {
      return await attempt(url, AbortSignal.any([signal, hanging.signal]));
    } finally {
      watch.end();
    }
  }
}

const SILENT = new Error('the mediator hangs');

/** It was not there, went away, or hangs; its own time limit and its own refusals are answers. */
function isUnreachable(error: unknown): boolean {
  return error === SILENT || error instanceof TypeError;
}

interface WatchOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onSilence: () => void;
}

/** Asks a mediator for signs of life while it works on an answer. */
class Watch {
  readonly #options: WatchOptions;
  #hasEnded = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#wait();
  }

  end(): void {
    this.#hasEnded = true;
  }

  #wait(): void {
    this.#options.clock.after(SILENCE_MS, () => void this.#look(), { weak: true });
  }

  async #look(): Promise<void> {
    const { signal, onSilence } = this.#options;
    if (this.#hasEnded || signal.aborted) return;
    const isAlive = await this.#askHealth();
    if (this.#hasEnded) return;
    if (isAlive) this.#wait();
    else onSilence();
  }

  async #askHealth(): Promise<boolean> {
    const { url, signal } = this.#options;
    const limit = AbortSignal.timeout(SIGN_OF_LIFE_MS);
    try {
      const response = await fetch(`${url}/healthz`, { signal: AbortSignal.any([signal, limit]) });
      await response.arrayBuffer();
      return true;
    } catch {
      return false;
    }
  }
}
