/** Acks that travel together: they are not urgent, and each write to a socket has its price. */
import type { Clock, Timer } from '../kernel/clock.ts';

/** Far below anything that a prefetch window notices. */
const FLUSH_AFTER_MS = 2;

export class AckBuffer {
  readonly #clock: Clock;
  #waiting: (() => void)[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `ack` is called soon, with others; never after the buffer was dropped. */
  add(ack: () => void): void {
    this.#waiting.push(ack);
    this.#timer ??= this.#clock.after(FLUSH_AFTER_MS, () => this.flush());
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const ack of waiting) ack();
  }

  /** The connection is gone: the broker delivers again what was not acked. */
  drop(): void {
    this.#waiting = [];
    this.flush();
  }
}
