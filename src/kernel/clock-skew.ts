/** A clock whose wall time can be made wrong for a while; durations and timers stay right. */
import type { Clock, Timer } from './clock.ts';

export interface SkewableClock extends Clock {
  /** Milliseconds that its wall time is wrong by; 0 when it is right. */
  skewMs(): number;
  /** Wrong by so much from now on, for so long; a second skew takes the place of the first. */
  skew(byMs: number, forMs: number): void;
  /** Sets it right at once. */
  correct(): void;
}

/** The same clock, until it is skewed. */
export function skewable(clock: Clock): SkewableClock {
  let skewedBy = 0;
  let end: Timer | undefined;
  const correct = (): void => {
    end?.cancel();
    end = undefined;
    skewedBy = 0;
  };
  return {
    now: () => clock.now() + skewedBy,
    elapsed: () => clock.elapsed(),
    after: (delayMs, callback, options) => clock.after(delayMs, callback, options),
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
    skewMs: () => skewedBy,
    skew(byMs, forMs) {
      correct();
      skewedBy = byMs;
      end = clock.after(forMs, correct, { weak: true });
    },
    correct,
  };
}
