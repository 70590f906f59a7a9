/** What a supervisor and its callers say to each other: one JSON object per line, over a Unix socket. */
import type { Endpoints, StackStatus } from '../stack-status.ts';
import type { Rescaling } from './supervisor.ts';

export const PART_VERBS = ['start', 'stop', 'restart', 'kill', 'pause', 'resume'] as const;
export type PartVerb = (typeof PART_VERBS)[number];

/** Verbs whose trouble can end by itself. */
const TIMED_VERBS = ['kill', 'pause', 'restart'] as const satisfies readonly PartVerb[];
type TimedVerb = (typeof TIMED_VERBS)[number];

/** Nobody keeps a part down for longer than this by one request. */
export const LONGEST_HOLD_MS = 600_000;

export type SupervisorRequest =
  /** `probe` asks the mediator for the health of each part first. */
  | { readonly do: 'status'; readonly probe?: boolean }
  /** Answers with the status now and after each change, until either side closes. */
  | { readonly do: 'watch' }
  | { readonly do: 'endpoints' }
  /** Answers when all parts have ended; the supervisor ends after that. */
  | { readonly do: 'shutdown' }
  /** Ends everything that was done to parts on purpose; answers at once which parts come back. */
  | { readonly do: 'heal' }
  /** Answers when instances that are too many have ended, and missing ones are being started. */
  | ({ readonly do: 'scale' } & Rescaling)
  | PartRequest;

/** `forMs`: it stays down or frozen that long, and the supervisor itself brings it back. */
export type PartRequest =
  | { readonly do: PartVerb; readonly part: string }
  | { readonly do: TimedVerb; readonly part: string; readonly forMs: number };

export type SupervisorAnswer =
  | {
      readonly ok: true;
      readonly status?: StackStatus;
      readonly endpoints?: Endpoints;
      /** Names of parts. */
      readonly healed?: readonly string[];
    }
  | {
      readonly ok: false;
      readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
    };

/** A request or an answer is longer than this only by mistake. */
export const LINE_LIMIT_BYTES = 256 * 1024;

const PLAIN_REQUESTS = ['watch', 'endpoints', 'shutdown', 'heal'] as const;

/** No part has a longer name. */
const NAME_LIMIT = 64;

/** Collects bytes and gives back whole lines. @throws RangeError when a line has no end. */
export class LineSplitter {
  #rest = '';

  push(chunk: string): readonly string[] {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > LINE_LIMIT_BYTES) throw new RangeError('a line is too long');
    return lines.filter((line) => line !== '');
  }
}

/** The request in a line, or undefined when it is not one. */
export function parseRequest(line: string): SupervisorRequest | undefined {
  let value: {
    do?: unknown;
    part?: unknown;
    probe?: unknown;
    forMs?: unknown;
    parts?: unknown;
    endpoints?: unknown;
  };
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (value.do === 'status') return { do: 'status', probe: value.probe === true };
  const plain = PLAIN_REQUESTS.find((each) => each === value.do);
  if (plain !== undefined) return { do: plain };
  if (value.do === 'scale' && Array.isArray(value.parts) && typeof value.endpoints === 'object') {
    // From our own program, through a socket that only its user may open.
    return value as SupervisorRequest;
  }
  return partRequestOf(value);
}

function partRequestOf(value: {
  do?: unknown;
  part?: unknown;
  forMs?: unknown;
}): PartRequest | undefined {
  const { part, forMs } = value;
  const verb = PART_VERBS.find((each) => each === value.do);
  if (verb === undefined || typeof part !== 'string' || part.length > NAME_LIMIT) return undefined;
  if (forMs === undefined) return { do: verb, part };
  const timed = TIMED_VERBS.find((each) => each === verb);
  return timed === undefined || !isHoldMs(forMs) ? undefined : { do: timed, part, forMs };
}

/** Whole milliseconds, at least one and at most `LONGEST_HOLD_MS`. */
export function isHoldMs(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= LONGEST_HOLD_MS;
}
