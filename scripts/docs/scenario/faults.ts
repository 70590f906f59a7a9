/** Tables of faults: which verb acts at which point, at which part, and what breaks a message how. */
import type { z } from 'zod';

import {
  CELLS,
  CORRUPTIONS,
  POINTS,
  type Corruption,
  type Point,
} from '../../../src/contracts/faults.ts';
import {
  Fault,
  MESSAGE_VERBS,
  STACK_VERBS,
  stackVerbOf,
} from '../../../src/scenario/language/faults.ts';
import { canDecline, PLACES } from '../../../src/scenario/language/places.ts';
import { code, table } from '../sections.ts';
import { formOf } from './forms.ts';

type MessageVerb = (typeof MESSAGE_VERBS)[number];

/** What the table cannot say in a cell. */
const NOTES: Readonly<Record<MessageVerb, string>> = {
  decline: 'only `inventory.reserve` and `payment.charge` can be declined',
  error:
    'the part handles the message again after a pause, or answers that it is to be asked later',
  delay: 'at `commit` the transaction stays open meanwhile',
  drop: 'at `deliver` the message is acked unread; at `publish` and `reply` the answer is not sent; at `confirm` the broker’s confirm is lost, so the answer is sent twice',
  duplicate:
    'at `deliver` the message is handled so often; at `publish` and `reply` the answer is sent so often',
  reorder: 'wants `times: all` or a rate: one message alone cannot overtake',
  corrupt: 'at `deliver` the message that came; at `publish` and `reply` the answer',
};

const BROKEN: Readonly<Record<Corruption, readonly [does: string, reason: string]>> = {
  json: ['The body is torn off somewhere: it is no JSON.', 'unparsable'],
  body: ['The body is JSON, but not what the contract allows.', 'invalid-body'],
  type: ['The message has the name of no contract.', 'unknown-type'],
  version: ['The message has a version that nobody published.', 'unknown-version'],
  properties: ['The message has no id.', 'unparsable'],
};

/** Verbs down, places across. */
export function verbsAtPoints(): string {
  const elsewhere = ['order.event#n', 't+5s', 'now'];
  const head = ['', ...POINTS.map((point) => code(point)), ...elsewhere.map((each) => code(each))];
  const ofMessages = MESSAGE_VERBS.map((verb) => [
    code(verb),
    ...POINTS.map((point) => markOf(CELLS[verb].includes(point))),
    ...elsewhere.map(() => markOf(false)),
  ]);
  const ofParts = STACK_VERBS.map((verb) => [
    code(verb),
    ...POINTS.map((point) => markOf(CELLS.hold.includes(point))),
    ...elsewhere.map(() => markOf(true)),
  ]);
  return table(head, [...ofMessages, ...ofParts]);
}

const markOf = (can: boolean): string => (can ? '●' : '');

export function verbNotes(): string {
  return MESSAGE_VERBS.map((verb) => `- ${code(verb)}: ${NOTES[verb]}.`).join('\n');
}

/** Which parts each verb may name. */
export function verbsAtParts(): string {
  const shape = Fault.shape as Record<string, z.ZodType>;
  const rows = STACK_VERBS.map((verb) => {
    const schema = shape[verb];
    if (schema === undefined || stackVerbOf(Fault.parse({ [verb]: 'payment' })) === undefined) {
      throw new Error(`${verb} is no verb of a part`);
    }
    return [code(verb), formOf(schema), schema.description ?? ''];
  });
  return table(['verb', 'parts', 'what happens'], rows);
}

export function corruptions(): string {
  const rows = CORRUPTIONS.map((what) => [code(what), BROKEN[what][0], code(BROKEN[what][1])]);
  return table(['corrupt', 'what becomes of the message', 'reason of the dead letter'], rows);
}

/** Every place that can be written, by part. */
export function placesByPart(): string {
  const messages = new Map<string, string[]>();
  for (const [place, target] of PLACES) {
    const isFirst: boolean = target.point === (POINTS[0] satisfies Point);
    if (!isFirst || target.message === '*') continue;
    const written = place.slice(0, place.indexOf('@'));
    const note = canDecline(target) ? `${code(written)} (can be declined)` : code(written);
    messages.set(target.service, [...(messages.get(target.service) ?? []), note]);
  }
  return table(
    ['part', 'messages that it handles'],
    [...messages].map(([part, names]) => [part, names.join(', ')]),
  );
}
