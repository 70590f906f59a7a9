/** How faults, and what became of them, read in sentences. */
import type { FaultAction } from '../../contracts/faults.ts';
import { formatDuration } from '../../kernel/durations.ts';
import { unreachable } from '../../kernel/errors.ts';
import { closest } from '../../kernel/suggestion.ts';
import type { FaultOutcome } from '../judge/verdict.ts';
import { writtenMessage, type Target } from '../language/places.ts';
import type { PlannedFault, StackAction } from '../plan/faults.ts';

/** More kinds of messages than these do not explain a miss better. */
const MAX_NEAR_MISSES = 5;

/** `decline (insufficient_funds)`, `delay of 0 ms to 50 ms`. */
export function describeAction(action: FaultAction): string {
  switch (action.verb) {
    case 'decline':
      return `decline (${action.reason})`;
    case 'error':
      return `error "${action.message}"`;
    case 'delay': {
      const [from, to] = [formatDuration(action.minMs), formatDuration(action.maxMs)];
      return from === to ? `delay of ${from}` : `delay of ${from} to ${to}`;
    }
    case 'crash':
    case 'drop':
    case 'hold':
      return action.verb;
    case 'corrupt':
      return `corrupt ${action.what}`;
    case 'duplicate':
      return `${1 + action.copies} copies`;
    case 'reorder':
      return `reordering within ${formatDuration(action.withinMs)}`;
    default:
      return unreachable(action, 'a fault');
  }
}

/** `crash mediator, back after 2.00 s`, `hang payment for 5.00 s`. */
export function describeStackAction({ verb, part, forMs, byMs }: StackAction): string {
  const lasting = forMs === undefined ? '' : ` for ${formatDuration(forMs)}`;
  switch (verb) {
    case 'crash':
    case 'restart':
      return forMs === undefined
        ? `${verb} ${part}`
        : `${verb} ${part}, back after ${formatDuration(forMs)}`;
    case 'hang':
      return `hang ${part}${lasting}`;
    case 'partition':
      return `partition ${part}${lasting}`;
    case 'skew': {
      const by = `${byMs < 0 ? '-' : '+'}${formatDuration(Math.abs(byMs))}`;
      return `skew the clock of ${part} by ${by}${lasting}`;
    }
    default:
      return unreachable(verb, 'a verb');
  }
}

/** What a fault does, without where and how often. */
export function describeDoing({ does }: Pick<PlannedFault, 'does'>): string {
  return does.kind === 'message' ? describeAction(does.action) : describeStackAction(does);
}

/** `payment.charge@handle: decline (lost_card), from message 2 on`. */
export function describeFault(fault: PlannedFault): string {
  const notes = [
    describeDoing(fault),
    ...(fault.order === undefined ? [] : [`only for order ${fault.order}`]),
    ...(fault.attempt === undefined ? [] : [`only attempt ${fault.attempt}`]),
    ...(fault.nth === 1 ? [] : [`from message ${fault.nth} on`]),
    ...frequencyOf(fault),
  ];
  return `${fault.at}: ${notes.join(', ')}`;
}

function frequencyOf({ times, rate, place }: PlannedFault): string[] {
  if (place.kind !== 'point') return [];
  const share = rate === undefined ? undefined : `${Number((rate * 100).toFixed(2))}%`;
  if (share !== undefined) {
    return [`${share} of the messages${times === undefined ? '' : `, ${times} at most`}`];
  }
  if (times === undefined) return ['every message'];
  return times === 1 ? [] : [`${times} messages`];
}

/** Why a fault did not fire, as well as can be told from what passed it by. */
export function explainMiss({ fault, passed, problem }: FaultOutcome): string {
  if (problem !== undefined) return problem;
  switch (fault.place.kind) {
    case 'point':
      return explainPassed(fault, fault.place.target, passed);
    case 'event': {
      const { event, count } = fault.place;
      return `order.${event} did not come ${count === 1 ? 'at all' : `${count} times`}`;
    }
    case 'time':
      return `the run was over before ${formatDuration(fault.place.afterMs)}`;
    case 'now':
      return 'its step was not reached';
    default:
      return unreachable(fault.place, 'a place');
  }
}

function explainPassed(
  fault: PlannedFault,
  { service, message, point }: Target,
  passed: Readonly<Record<string, number>>,
): string {
  const came = passed[message];
  if (came !== undefined) return explainFiltered(fault, came);
  const names = Object.keys(passed);
  const who = service === '*' ? 'no part' : service;
  if (names.length === 0) {
    return service === '*'
      ? 'no part handled any message of this run'
      : `${who} handled no message of this run`;
  }
  const nearest = closest(message, names) ?? names[0] ?? message;
  const list = Object.entries(passed)
    .slice(0, MAX_NEAR_MISSES)
    .map(([name, times]) => `${name} (${times}×)`);
  const more = names.length > list.length ? ` and ${names.length - list.length} more` : '';
  return `${who} handled ${list.join(', ')}${more} instead; the closest is ${writtenMessage(service, nearest)}@${point}`;
}

/** The message did come, but the fault wanted another one of it. */
function explainFiltered({ nth, order, attempt, rate }: PlannedFault, came: number): string {
  if (order !== undefined) return `it came ${came}×, but not enough of it was for order ${order}`;
  if (attempt !== undefined) return `it came ${came}×, but not in attempt ${attempt}`;
  if (rate !== undefined) return `it came ${came}×, and the draw with this seed spared each`;
  return came < nth
    ? `only ${came} of these messages came, and it waits for number ${nth}`
    : `it was handled ${came}×, but none of them came to this point`;
}

/** A time of a run: whole milliseconds are exact enough for people. */
export function formatTime(atMs: number): string {
  return Math.abs(atMs) < 1_000 ? `${Math.round(atMs)} ms` : formatDuration(Math.round(atMs));
}

/** `1 check`, `3 checks`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
