/** What a supervisor and its callers say to each other: one JSON object per line, over a Unix socket. */
import type { Endpoints, StackStatus } from '../stack-status.ts';
import type { Rescaling } from './supervisor.ts';

export const PART_VERBS = ['start', 'stop', 'restart', 'kill', 'pause', 'resume'] as const;
export type PartVerb = (typeof PART_VERBS)[number];

export type SupervisorRequest =
  /** `probe` asks the mediator for the health of each part first. */
  | { readonly do: 'status'; readonly probe?: boolean }
  /** Answers with the status now and after each change, until either side closes. */
  | { readonly do: 'watch' }
  | { readonly do: 'endpoints' }
  /** Answers when all parts have ended; the supervisor ends after that. */
  | { readonly do: 'shutdown' }
  /** Answers when instances that are too many have ended, and missing ones are being started. */
  | ({ readonly do: 'scale' } & Rescaling)
  | { readonly do: PartVerb; readonly part: string };

export type SupervisorAnswer =
  | { readonly ok: true; readonly status?: StackStatus; readonly endpoints?: Endpoints }
  | {
      readonly ok: false;
      readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
    };

/** A request or an answer is longer than this only by mistake. */
export const LINE_LIMIT_BYTES = 256 * 1024;

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
  if (value.do === 'watch' || value.do === 'endpoints' || value.do === 'shutdown') {
    return { do: value.do };
  }
  if (value.do === 'scale' && Array.isArray(value.parts) && typeof value.endpoints === 'object') {
    // From our own program, through a socket that only its user may open.
    return value as SupervisorRequest;
  }
  const verb = PART_VERBS.find((each) => each === value.do);
  return verb === undefined || typeof value.part !== 'string'
    ? undefined
    : { do: verb, part: value.part };
}
