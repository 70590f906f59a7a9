/** How long to wait before a command is sent once more. Pure: the jitter comes from outside. */

/** However long a participant is away, it is asked again this soon after its return. */
export const LONGEST_PAUSE_MS = 30_000;

/** Share of a pause that jitter may take off, so that sagas of one moment don't all come back at once. */
const JITTER = 0.25;

/**
 * The pause after the n-th attempt, from 1: doubled each time, up to the longest.
 * `jitter` is uniform in [0, 1).
 */
export function pauseAfter(attempt: number, patienceMs: number, jitter = 0): number {
  const doubled = patienceMs * 2 ** Math.min(attempt - 1, 30);
  return Math.min(LONGEST_PAUSE_MS, doubled) * (1 - JITTER * jitter);
}
