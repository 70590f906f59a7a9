/** A clock moved by hand, for tests of whatever waits. */
import type { Clock } from '../../src/kernel/clock.ts';

/** Time passes when it is told to; what is due then happens. */
export const handClock = (): { clock: Clock; pass: (ms: number) => Promise<void> } => {
  let now = 0;
  let timers: { at: number; callback: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    elapsed: () => now,
    after: (delayMs, callback) => {
      const timer = { at: now + delayMs, callback };
      timers.push(timer);
      return { cancel: () => (timers = timers.filter((each) => each !== timer)) };
    },
    sleep: () => Promise.resolve(),
  };
  const pass = async (ms: number): Promise<void> => {
    now += ms;
    const due = timers.filter((each) => each.at <= now);
    timers = timers.filter((each) => each.at > now);
    for (const each of due) each.callback();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, pass };
};
