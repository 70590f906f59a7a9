/** Time as a port: the live adapter is `live.ts`, the simulator brings its own. */

/** A timer that can be given up; disposing twice is harmless. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall clock, milliseconds since 1970-01-01T00:00Z. */
  now(): number;
  /** Monotonic milliseconds with a fraction, for durations only. */
  elapsed(): number;
  /** Calls back once after `delayMs`; never keeps the process alive by itself when `weak`. */
  after(delayMs: number, callback: () => void, options?: { weak?: boolean }): Timer;
  /** Resolves after `delayMs`, or early (without an error) when the signal aborts. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
