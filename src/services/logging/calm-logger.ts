/** A logger for whoever stores the log: its complaints come back to it, so they must stay few. */
import type { Clock } from '../../kernel/clock.ts';
import type { LogFields, Logger, LogLevel } from '../../kernel/logger.ts';

/** Lets one record through, then counts silently for `quietMs`. */
export class CalmLogger implements Logger {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #quietMs: number;
  #quietUntil = Number.NEGATIVE_INFINITY;
  #heldBack = 0;

  constructor(logger: Logger, clock: Clock, quietMs: number) {
    this.#logger = logger;
    this.#clock = clock;
    this.#quietMs = quietMs;
  }

  log(level: LogLevel, message: string, fields: LogFields = {}): void {
    const now = this.#clock.elapsed();
    if (now < this.#quietUntil) {
      this.#heldBack++;
      return;
    }
    const heldBack = this.#heldBack;
    this.#quietUntil = now + this.#quietMs;
    this.#heldBack = 0;
    this.#logger.log(level, message, heldBack === 0 ? fields : { ...fields, heldBack });
  }
}
