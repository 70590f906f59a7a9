/** Heartbeats both ways: speaks when the connection is silent, gives up a peer that is. */
import type { Clock, Timer } from '../kernel/clock.ts';

export interface HeartbeatOptions {
  readonly clock: Clock;
  /** The negotiated interval; 0 = no heartbeats. */
  readonly intervalMs: number;
  send(): void;
  /** Nothing came for two intervals; called again at every further beat until `stop`. */
  lost(): void;
}

/** Half intervals of silence after which a peer is gone. */
const MISSED_LIMIT = 4;

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timer: Timer | undefined;
  #hasSent = false;
  #silence = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    if (options.intervalMs > 0) this.#arm();
  }

  /** Any traffic counts as a heartbeat. */
  received(): void {
    this.#silence = 0;
  }

  sent(): void {
    this.#hasSent = true;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    const { clock, intervalMs } = this.#options;
    this.#timer = clock.after(intervalMs / 2, () => this.#beat(), { weak: true });
  }

  #beat(): void {
    if (++this.#silence > MISSED_LIMIT) this.#options.lost();
    if (!this.#hasSent) this.#options.send();
    this.#hasSent = false;
    this.#arm();
  }
}
