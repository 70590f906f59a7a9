/** How many bytes of messages the broker holds, and the alarm that stops publishers when it is too much. */

/** Publishers go on when the level has fallen to this share of the limit: no flapping at the edge. */
const RESUME_SHARE = 0.9;

export class MemoryGauge {
  readonly #limitBytes: number;
  readonly #listeners = new Set<(isFull: boolean) => void>();
  #bytes = 0;
  #isFull = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Calls back at every change; answers how to stop that. */
  watch(listener: (isFull: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    if (!this.#isFull && this.#bytes > this.#limitBytes) this.#turn(true);
  }

  subtract(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#isFull && this.#bytes < this.#limitBytes * RESUME_SHARE) this.#turn(false);
  }

  #turn(isFull: boolean): void {
    this.#isFull = isFull;
    for (const listener of this.#listeners) listener(isFull);
  }
}
