/** A signal that aborts after a while, or with another one. */
import { setMaxListeners } from 'node:events';

import { liveClock as clock } from '../src/kernel/live.ts';

/** Held by its own timer: Node lets go of `AbortSignal.any([AbortSignal.timeout(…)])` while it is still waited for. */
export function abortAfter(ms: number, other?: AbortSignal): AbortSignal {
  const controller = new AbortController();
  // Every customer who waits hears of it.
  setMaxListeners(0, controller.signal);
  const abort = (): void => controller.abort();
  clock.after(ms, abort, { weak: true });
  if (other?.aborted === true) abort();
  other?.addEventListener('abort', abort, { once: true });
  return controller.signal;
}
