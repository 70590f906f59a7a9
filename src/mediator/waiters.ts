/** Requests that wait for a saga to come so far. */
import type { Clock } from '../kernel/clock.ts';
import type { SagaRow } from './saga-row.ts';

/** News of other mediators can be lost on the way: who waits longer than this is looked up. */
const LOOK_EVERY_MS = 1_000;
/** More are not kept waiting: they hear at once how far it is. */
const MAX_WAITING = 10_000;

interface Waiter {
  readonly since: number;
  readonly isEnough: (row: SagaRow) => boolean;
  readonly resolve: (row: SagaRow | undefined) => void;
}

export interface WaitersOptions {
  readonly clock: Clock;
  /** The rows of these sagas as they are now. */
  readonly findAll: (ids: readonly string[]) => Promise<readonly SagaRow[]>;
}

export class Waiters {
  readonly #options: WaitersOptions;
  readonly #waiting = new Map<string, Set<Waiter>>();
  #count = 0;
  #isLooking = false;
  #isEnded = false;

  constructor(options: WaitersOptions) {
    this.#options = options;
  }

  /** The row as soon as it is far enough, or undefined when the wait is over. */
  wait(
    id: string,
    isEnough: (row: SagaRow) => boolean,
    waitMs: number,
  ): Promise<SagaRow | undefined> {
    const { clock } = this.#options;
    if (this.#isEnded || this.#count >= MAX_WAITING) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#count++;
      const timer = clock.after(waitMs, () => waiter.resolve(undefined));
      const waiter: Waiter = {
        since: clock.elapsed(),
        isEnough,
        resolve: (row) => {
          this.#count--;
          timer.cancel();
          this.#remove(id, waiter);
          resolve(row);
        },
      };
      const others = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, others.add(waiter));
      this.#lookLater();
    });
  }

  isAwaited(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** Tells those who wait for this saga how far it is. */
  wake(row: SagaRow): void {
    for (const waiter of this.#waiting.get(row.id) ?? []) {
      if (waiter.isEnough(row)) waiter.resolve(row);
    }
  }

  /** Nobody waits any longer: the mediator is closing. */
  endAll(): void {
    this.#isEnded = true;
    for (const waiters of this.#waiting.values()) {
      for (const each of waiters) each.resolve(undefined);
    }
  }

  #lookLater(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#options.clock.after(LOOK_EVERY_MS, () => void this.#look(), { weak: true });
  }

  async #look(): Promise<void> {
    const before = this.#options.clock.elapsed() - LOOK_EVERY_MS;
    const ids = [...this.#waiting]
      .filter(([, waiters]) => [...waiters].some((each) => each.since <= before))
      .map(([id]) => id);
    // A database that is away answers later: whoever waits still gets an answer when the wait is over.
    const rows = ids.length === 0 ? [] : await this.#options.findAll(ids).catch(() => []);
    for (const row of rows) this.wake(row);
    this.#isLooking = false;
    if (this.#waiting.size > 0) this.#lookLater();
  }

  #remove(id: string, waiter: Waiter): void {
    const others = this.#waiting.get(id);
    others?.delete(waiter);
    if (others?.size === 0) this.#waiting.delete(id);
  }
}
