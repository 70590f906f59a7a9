/** What there is to know about a stack at one moment: its parts, its state and where it answers. */

export const ENGINES = ['embedded', 'external'] as const;
export type Engine = (typeof ENGINES)[number];

/** Where a stack answers. URLs may hold passwords: show them only to who asks (`wonderland env`). */
export interface Endpoints {
  readonly mediatorUrl: string;
  readonly amqpUrl: string;
  readonly databaseUrl: string;
  /** Where the second mediator and the ones after it answer; absent when there is one. */
  readonly moreMediatorUrls?: readonly string[];
  /** PostgreSQL of the inventory; absent when its data lies in a file. */
  readonly inventoryUrl?: string;
  /** PostgreSQL of payment; absent when its data lies in a file. */
  readonly paymentUrl?: string;
  /** Put before queues, exchanges and schemas; empty when the servers are the stack's own. */
  readonly namespace: string;
  /** SQLite files and the inbox. Absolute, like the two below. */
  readonly dataDir: string;
  readonly inboxDir: string;
  /** The store of log records; readable while the stack is down. */
  readonly logFile: string;
}

/** Where the mediators answer, the first one first. */
export function mediatorUrlsOf({
  mediatorUrl,
  moreMediatorUrls = [],
}: Pick<Endpoints, 'mediatorUrl' | 'moreMediatorUrls'>): readonly string[] {
  return [mediatorUrl, ...moreMediatorUrls];
}

export type PartState =
  /** Something that it depends on is not ready yet. */
  | 'waiting'
  | 'starting'
  | 'ready'
  /** Frozen by SIGSTOP. */
  | 'paused'
  /** It crashed and is started again after a while. */
  | 'backoff'
  /** Down on purpose, until `heldUntil`; then it is started again. */
  | 'held'
  | 'stopping'
  | 'stopped'
  /** It ended before it was ever ready: nobody starts it again. */
  | 'failed';

export interface PartExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface PartHealth {
  readonly ok: boolean;
  readonly detail?: string;
  readonly ms?: number;
}

export interface PartStatus {
  readonly name: string;
  readonly state: PartState;
  readonly pid?: number;
  /** Milliseconds since 1970 at which it came into this state. */
  readonly since: number;
  /** How often its supervisor started it again. */
  readonly restarts: number;
  readonly lastExit?: PartExit;
  /** Milliseconds since 1970 at which a crash, a hang or a restart on purpose ends by itself. */
  readonly heldUntil?: number;
  /** The mediator's view, when it was asked for. */
  readonly health?: PartHealth;
}

/** One thing that is wrong with a part, or with a server that the stack uses. */
export interface Trouble {
  /** A part, `broker` or `database`. */
  readonly name: string;
  readonly detail: string;
}

/** Why a start failed; `lines` are the last ones that the part wrote. */
export interface StartFailure {
  readonly part: string;
  readonly exit: PartExit;
  readonly lines: readonly string[];
}

export interface StackStatus {
  readonly name: string;
  readonly engine: Engine;
  /** `crashed`: the supervisor died without stopping the stack. */
  readonly state: 'running' | 'starting' | 'stopping' | 'crashed' | 'stopped';
  readonly parts: readonly PartStatus[];
  readonly supervisorPid?: number;
  readonly endpoints?: Endpoints;
  readonly failure?: StartFailure;
  /** What the last look at the mediator's readiness found wrong. */
  readonly probeError?: string;
  /** The same, one by one. */
  readonly troubles?: readonly Trouble[];
}

/** A part that runs and says nothing: hung, or cut off from its broker. */
export function isSilent({ state, health }: PartStatus): boolean {
  return state === 'ready' && health?.ok === false;
}

/** True readiness: every part answered, and a message made the trip through all of them. */
export function isReady(status: StackStatus): boolean {
  return (
    status.state === 'running' &&
    status.probeError === undefined &&
    status.parts.every((part) => part.state === 'ready')
  );
}
