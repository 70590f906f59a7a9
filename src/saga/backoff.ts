/** How long to wait before a command is sent once more. Pure: the jitter comes from outside. */

/** However long a participant is away, it is asked again this soon after its return. */
export const LONGEST_PAUSE_MS = 30_000;

/** Share of a pause that jitter may take off, so that sagas of one moment don't all come back at once. */
const JITTER = 0.25;

export interface Backoff {
  /** The pause after the first attempt, milliseconds. */
  readonly patienceMs: number;
  /** No pause is longer, milliseconds. */
  readonly longestMs?: number;
  /** Uniform in [0, 1). */
  readonly jitter?: number;
}

/** The pause after the n-th attempt, from 1: doubled each time, up to the longest. */
export function pauseAfter(attempt: number, backoff: Backoff): number {
  const { patienceMs, longestMs = LONGEST_PAUSE_MS, jitter = 0 } = backoff;
  const doubled = patienceMs * 2 ** Math.min(attempt - 1, 30);
  return Math.min(longestMs, doubled) * (1 - JITTER * jitter);
}
