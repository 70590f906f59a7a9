/** The live clock in a hurry, for tests of what waits for many seconds. */
import type { Clock } from '../../src/kernel/clock.ts';
import { liveClock } from '../../src/kernel/live.ts';

/** Durations pass this many times as fast; the time of day does not change. */
export const fastClock = (times: number): Clock => ({
  now: () => liveClock.now(),
  elapsed: () => liveClock.elapsed() * times,
  after: (delayMs, callback, options) => liveClock.after(delayMs / times, callback, options),
  sleep: (delayMs, signal) => liveClock.sleep(delayMs / times, signal),
});
