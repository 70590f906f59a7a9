/** The life of one part as a pure function: what happens to it, and what it becomes. */
import { unreachable } from '../kernel/errors.ts';
import type { PartExit, PartState } from './stack-status.ts';

export interface PartLife {
  readonly state: PartState;
  /** Milliseconds since 1970 at which it came into this state. */
  readonly since: number;
  readonly restarts: number;
  /** Crashes since it last stayed up for a while; decides how long to wait. */
  readonly crashes: number;
  readonly wasEverReady: boolean;
  readonly lastExit: PartExit | undefined;
  /** Milliseconds since 1970 at which a trouble made on purpose ends by itself. */
  readonly heldUntil: number | undefined;
}

export type PartEvent = { readonly at: number } & (
  | { readonly kind: 'waiting' | 'spawned' | 'ready' | 'resumed' | 'stopping' | 'stopped' }
  /** Frozen; until then, or until somebody thaws it. */
  | { readonly kind: 'paused'; readonly until: number | undefined }
  /** Kept down until then; no process of it runs. */
  | { readonly kind: 'held'; readonly until: number }
  /** `heldUntil`: it was taken down on purpose, and stays down so long. */
  | {
      readonly kind: 'exited';
      readonly exit: PartExit;
      readonly heldUntil?: number | undefined;
    }
);

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;
/** Up for this long, it counts as recovered. */
const STEADY_MS = 30_000;

export function newLife(at: number): PartLife {
  return {
    state: 'waiting',
    since: at,
    restarts: 0,
    crashes: 0,
    wasEverReady: false,
    lastExit: undefined,
    heldUntil: undefined,
  };
}

/** How long a part in `backoff` waits before it is started again: 0.2 s, doubling up to 10 s. */
export function backoffMs(life: PartLife): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, life.crashes - 1));
}

/** What a part becomes when something happens to it. */
export function live(life: PartLife, event: PartEvent): PartLife {
  switch (event.kind) {
    case 'waiting':
      return { ...newLife(event.at), restarts: life.restarts, lastExit: life.lastExit };
    case 'spawned':
      return {
        ...life,
        state: 'starting',
        since: event.at,
        restarts: life.restarts + (life.state === 'backoff' || life.state === 'held' ? 1 : 0),
        heldUntil: undefined,
      };
    case 'ready':
      return life.state === 'starting'
        ? { ...life, state: 'ready', since: event.at, wasEverReady: true }
        : life;
    case 'resumed':
      return { ...life, state: 'ready', since: event.at, heldUntil: undefined };
    case 'paused':
    case 'held':
      return {
        ...life,
        state: event.kind,
        since: life.state === event.kind ? life.since : event.at,
        heldUntil: event.until,
      };
    case 'stopping':
    case 'stopped':
      return { ...life, state: event.kind, since: event.at, heldUntil: undefined };
    case 'exited':
      return event.heldUntil === undefined
        ? exited({ ...life, heldUntil: undefined }, event.at, event.exit)
        : {
            ...life,
            state: 'held',
            since: event.at,
            lastExit: event.exit,
            heldUntil: event.heldUntil,
          };
    default:
      return unreachable(event, 'an event of a part');
  }
}

/** A part that was never ready has a reason that waiting does not cure; one that was may recover. */
function exited(life: PartLife, at: number, lastExit: PartExit): PartLife {
  if (life.state === 'stopping') return { ...life, state: 'stopped', since: at, lastExit };
  if (!life.wasEverReady) return { ...life, state: 'failed', since: at, lastExit };
  const wasSteady = life.state === 'ready' && at - life.since >= STEADY_MS;
  return {
    ...life,
    state: 'backoff',
    since: at,
    lastExit,
    crashes: wasSteady ? 1 : life.crashes + 1,
  };
}
