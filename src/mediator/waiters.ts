/** Requests that wait for a saga to come so far. */
import type { Clock } from '../kernel/clock.ts';
import type { SagaRow } from './saga-row.ts';

interface Waiter {
  readonly isEnough: (row: SagaRow) => boolean;
  readonly resolve: (row: SagaRow | undefined) => void;
}

export class Waiters {
  readonly #waiting = new Map<string, Set<Waiter>>();

  /** The row as soon as it is far enough, or undefined when the wait is over. */
  wait(
    id: string,
    isEnough: (row: SagaRow) => boolean,
    { clock, waitMs }: { clock: Clock; waitMs: number },
  ): Promise<SagaRow | undefined> {
    return new Promise((resolve) => {
      const timer = clock.after(waitMs, () => waiter.resolve(undefined));
      const waiter: Waiter = {
        isEnough,
        resolve: (row) => {
          timer.cancel();
          this.#remove(id, waiter);
          resolve(row);
        },
      };
      const others = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, others.add(waiter));
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

  #remove(id: string, waiter: Waiter): void {
    const others = this.#waiting.get(id);
    others?.delete(waiter);
    if (others?.size === 0) this.#waiting.delete(id);
  }
}
