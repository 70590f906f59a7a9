/** Those who wait for the same news, each only for so long: who gives up is forgotten, however late the news come. */
import type { Clock } from '../kernel/clock.ts';

/** A promise would keep every `then` until it settles, so waiting for a broker that is away would fill the memory. */
export class WaitingRoom<News> {
  readonly #clock: Clock;
  readonly #waiting = new Set<(news: News | undefined) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many wait at this moment. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves with the next news, or with undefined when they don't come in time. */
  wait(limitMs: number): Promise<News | undefined> {
    return new Promise((resolve) => {
      const leave = (news: News | undefined): void => {
        timer.cancel();
        this.#waiting.delete(leave);
        resolve(news);
      };
      const timer = this.#clock.after(limitMs, () => leave(undefined));
      this.#waiting.add(leave);
    });
  }

  /** Everybody who waits has the news, and nobody waits any more. */
  tell(news?: News): void {
    for (const leave of this.#waiting) leave(news);
  }
}
