/** How plans and faults read in sentences. */
import { formatDuration } from '../../kernel/durations.ts';
import { closest } from '../../kernel/suggestion.ts';
import { unreachable } from '../../kernel/errors.ts';
import type { FaultAction } from '../../contracts/faults.ts';
import type { FaultOutcome } from '../judge/verdict.ts';
import { writtenMessage } from '../language/places.ts';
import type { PlannedFault } from '../plan.ts';

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
      return action.verb;
    case 'duplicate':
      return `${1 + action.copies} copies`;
    case 'reorder':
      return `reordering within ${formatDuration(action.withinMs)}`;
    default:
      return unreachable(action, 'a fault');
  }
}

/** `payment.charge@handle: decline (lost_card), 2nd message`. */
export function describeFault({ at, action, nth, times }: PlannedFault): string {
  const first = nth === 1 ? '' : `, from message ${nth} on`;
  const many = times === undefined ? ', every message' : times === 1 ? '' : `, ${times} messages`;
  return `${at}: ${describeAction(action)}${first}${many}`;
}

/** Why a fault did not fire, as well as can be told from what passed it by. */
export function explainMiss({ fault, passed }: FaultOutcome): string {
  const { service, message } = fault.target;
  const came = passed[message];
  if (came !== undefined) {
    return `only ${came} of these messages came, and it waits for number ${fault.nth}`;
  }
  const names = Object.keys(passed);
  const who = service === '*' ? 'no part' : service;
  if (names.length === 0) {
    return service === '*'
      ? 'no part handled any message of this run'
      : `${who} handled no message of this run`;
  }
  const nearest = closest(message, names) ?? names[0] ?? message;
  const list = Object.entries(passed).map(([name, times]) => `${name} (${times}×)`);
  return `${who} handled ${list.join(', ')} instead; the closest is ${writtenMessage(service, nearest)}@${fault.target.point}`;
}

/** `1 check`, `3 checks`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
