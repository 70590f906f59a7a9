/** Faults as they are carried out: where, what, how often. */
import type { FaultAction } from '../../contracts/faults.ts';
import { BugError } from '../../kernel/errors.ts';
import { stackVerbOf, type Fault, type StackPart, type StackVerb } from '../language/faults.ts';
import { placeOf, type Place } from '../language/places.ts';

/** What a fault does to a part of the stack. */
export interface StackAction {
  readonly kind: 'stack';
  readonly verb: StackVerb;
  readonly part: StackPart;
  /** How long, milliseconds; undefined: as long as starting it again takes. */
  readonly forMs: number | undefined;
  /** How wrong its clock is, milliseconds; 0 for other verbs. */
  readonly byMs: number;
}

export interface MessageAction {
  readonly kind: 'message';
  readonly action: FaultAction;
}

export interface PlannedFault {
  /** `f1`, `f2` … in order of the file; `s3` for the one of the third step. */
  readonly id: string;
  /** As it stands in the file, for reports; `now` for a step without a place. */
  readonly at: string;
  readonly place: Place | { readonly kind: 'now' };
  readonly does: MessageAction | StackAction;
  /** Only messages of this order. */
  readonly order: string | undefined;
  /** Only this attempt. */
  readonly attempt: number | undefined;
  readonly nth: number;
  /** Undefined means all. */
  readonly times: number | undefined;
  /** Share of the messages that are hit; undefined means each. */
  readonly rate: number | undefined;
}

/** How long a part is frozen, cut off or skewed when the file does not say. */
const DEFAULT_FOR_MS = 5_000;

export function plannedFault(fault: Fault, id: string): PlannedFault {
  const { at, match, nth, rate } = fault;
  const place = at === undefined ? ({ kind: 'now' } as const) : placeOf(at);
  if (place === undefined) throw new BugError(`${at} passed the schema but is no place`);
  const times = fault.times ?? (rate === undefined ? 1 : 'all');
  return {
    id,
    at: at ?? 'now',
    place,
    does: stackAction(fault) ?? { kind: 'message', action: actionOf(fault) },
    order: match?.order,
    attempt: match?.attempt,
    nth,
    times: times === 'all' ? undefined : times,
    rate,
  };
}

function stackAction(fault: Fault): StackAction | undefined {
  const found = stackVerbOf(fault);
  if (found === undefined) return undefined;
  const { verb, part } = found;
  const canBeShort = verb === 'crash' || verb === 'restart';
  const forMs = fault.for ?? (canBeShort ? undefined : DEFAULT_FOR_MS);
  return { kind: 'stack', verb, part, forMs, byMs: fault.by ?? 0 };
}

function actionOf(fault: Fault): FaultAction {
  const { decline, delay, drop, duplicate, reorder, corrupt } = fault;
  if (decline !== undefined) return { verb: 'decline', reason: decline };
  if (delay !== undefined) return { verb: 'delay', ...delay };
  if (drop !== undefined) return { verb: 'drop' };
  if (duplicate !== undefined) return { verb: 'duplicate', copies: duplicate - 1 };
  if (reorder !== undefined) return { verb: 'reorder', withinMs: reorder };
  if (corrupt !== undefined) return { verb: 'corrupt', what: corrupt };
  return { verb: 'error', message: fault.error ?? 'fault' };
}
