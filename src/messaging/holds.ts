/** Messages that a fault holds at a point: each waits until it is released, for a limited time. */
import type { Clock } from '../kernel/clock.ts';

export interface Hold {
  /** The fault that holds it: who disarms the fault lets its messages go. */
  readonly faultId: string;
  readonly limitMs: number;
  /** Lets go when aborted: the part is closing. */
  readonly signal: AbortSignal;
}

export class Holds {
  readonly #clock: Clock;
  readonly #held = new Map<string, { readonly faultId: string; readonly release: () => void }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when it may go on. It can be released as soon as this was called. */
  async hold(name: string, { faultId, limitMs, signal }: Hold): Promise<void> {
    const released = new AbortController();
    const release = (): void => released.abort();
    // By hand: what AbortSignal.any makes is remembered as long as the part's signal lives.
    signal.addEventListener('abort', release);
    if (signal.aborted) release();
    this.#held.set(name, { faultId, release });
    await this.#clock.sleep(limitMs, released.signal);
    signal.removeEventListener('abort', release);
    this.#held.delete(name);
  }

  /** False when nothing is held here under this name. */
  release(name: string): boolean {
    const held = this.#held.get(name);
    held?.release();
    return held !== undefined;
  }

  /** Lets go of whatever these faults hold. */
  releaseOf(faultIds: ReadonlySet<string>): void {
    for (const { faultId, release } of this.#held.values()) if (faultIds.has(faultId)) release();
  }
}
