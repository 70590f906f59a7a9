/** What a scenario may do to the parts of a stack, whoever hosts it: take them down for a while, and heal them. */

/** A part of a stack, by what it is for. */
export interface StackTarget {
  /** `mediator`, `payment` …; `broker`, `database`. */
  readonly part: string;
  /** One of several, e.g. `mediator-2`; the first unless given. */
  readonly instance?: string;
}

/**
 * Crashes, hangs and restarts, each undone by a timer of whoever hosts the stack, so that a killed caller leaves none.
 * Each verb throws a UserError: `not-ready` when there is nothing to act on, `usage` when the stack has no such part,
 * `environment` when the part is not the stack's own: it was started elsewhere, or is a server of somebody else.
 */
export interface StackControl {
  /** Resolves when it is down. It stays down for `forMs`; without that it comes back as after any crash. */
  crash(target: StackTarget, forMs: number | undefined): Promise<void>;
  /** Resolves when it is frozen. */
  hang(target: StackTarget, forMs: number): Promise<void>;
  /** Resolves when it is down, having ended gracefully. It stays down for `forMs`, or is started again at once. */
  restart(target: StackTarget, forMs: number | undefined): Promise<void>;
  /** Ends every crash, hang and restart that is still on; resolves when all parts are ready again. */
  heal(signal?: AbortSignal): Promise<void>;
}
