/** The live adapters of time, randomness, ids and sudden death: the only file that may touch the real ones. */
import { randomBytes } from 'node:crypto';

import type { Clock } from './clock.ts';
import { idsFrom } from './ids.ts';
import { randomFrom, type Random } from './random.ts';

export const liveClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(delayMs, callback, options) {
    const timer = setTimeout(callback, delayMs);
    if (options?.weak === true) timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  sleep(delayMs, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, delayMs);
      signal?.addEventListener('abort', wake);
    });
  },
};

export const liveRandom: Random = randomFrom(
  () => Math.random(),
  () => liveRandom,
);

/** Ids must be unguessable as well as unique, so they draw from the system's generator. */
export const liveIds = idsFrom(liveClock, (bytes) => randomBytes(bytes).toString('hex'));

/** Ends this very process before its next instruction: no handler runs, nothing is flushed. */
export function liveCrash(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered before the call returns; this line only says so to the compiler.
  for (;;);
}
