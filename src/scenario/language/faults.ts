/** How a fault is written: a place, one verb, how often, for how long. */
import { z } from 'zod';

import { CORRUPTIONS, MAX_FAULT_MS } from '../../contracts/faults.ts';
import { Reason } from '../../contracts/primitives.ts';
import { exactlyOne } from './exactly-one.ts';
import { OrderName } from './expectations.ts';
import { At } from './places.ts';
import { Duration, DurationRange, oneOf, Share, Shift, whole, written } from './values.ts';

/** Parts that have a process of their own in every stack. */
export const PARTS = [
  'mediator',
  'inventory',
  'payment',
  'customer',
  'notification',
  'logging',
] as const;
/** What can be taken away from a stack. */
export const TARGETS = [...PARTS, 'broker', 'database'] as const;
export type StackPart = (typeof TARGETS)[number];

const part = oneOf('a part of the shop', PARTS);
const target = oneOf('a part of the stack', TARGETS);
const bounded = Duration.refine((ms) => ms <= MAX_FAULT_MS, { error: 'this is longer than 10m' });

/** What happens to a message: needs a place such as `payment.charge@handle`. */
export const MESSAGE_VERBS = [
  'decline',
  'error',
  'delay',
  'drop',
  'duplicate',
  'reorder',
  'corrupt',
] as const;
/** What happens to a part: at any place, at a time, or at once. */
export const STACK_VERBS = ['crash', 'hang', 'restart', 'partition', 'skew'] as const;
export type StackVerb = (typeof STACK_VERBS)[number];

const verbs = {
  decline: written(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'a reason such as insufficient_funds')
    .pipe(Reason)
    .optional()
    .describe('The part says no, for this reason, and does nothing.'),
  error: z.string().min(1).max(200).optional().describe('Handling fails with this message.'),
  delay: DurationRange.refine(({ minMs, maxMs }) => minMs <= maxMs, {
    error: 'the first end of a range is the lower one',
  })
    .refine(({ maxMs }) => maxMs <= MAX_FAULT_MS, { error: 'this is longer than 10m' })
    .optional()
    .describe('It goes on later: after 2s, or after 0s..50ms.'),
  drop: z
    .literal(true, { error: 'drop is switched on with true' })
    .optional()
    .describe('The message is lost, and nobody is told.'),
  duplicate: whole(2, 21).optional().describe('It comes so many times: 2 is one copy more.'),
  reorder: bounded
    .optional()
    .describe('Each message waits up to this long by itself, so that later ones overtake.'),
  corrupt: oneOf('a part of a message', CORRUPTIONS)
    .optional()
    .describe(
      'Nobody can read it any more: no JSON, no contract, no such type, no such version, no id.',
    ),
  crash: target
    .optional()
    .describe('kill -9 of this part; it is started again after `for`, or at once.'),
  hang: target.optional().describe('The part is frozen for so long (5s).'),
  restart: target
    .optional()
    .describe('The part is stopped, and started again after `for`, or at once.'),
  partition: part.optional().describe('The part is cut off from the broker for so long (5s).'),
  skew: part.optional().describe('The clock of the part is wrong by `by`, for so long (5s).'),
};

export const Fault = exactlyOne(
  {
    at: At.optional(),
    ...verbs,
    for: bounded.optional().describe('How long the part stays down, frozen, cut off or skewed.'),
    by: Shift.optional().describe('How wrong the clock is: +10m or -30s.'),
    match: z
      .strictObject({
        order: OrderName.optional().describe('Only messages of this order.'),
        attempt: whole(1, 1_000).optional().describe('Only this attempt of a command.'),
      })
      .optional()
      .describe('Which of the messages at this place are meant; all when absent.'),
    nth: whole(1, 1_000_000).default(1).describe('The first message that is hit.'),
    times: z
      .union([z.int().min(1).max(1_000_000), z.literal('all')], {
        error: 'times is a whole number from 1, or all',
      })
      .optional()
      .describe('How many messages are hit; 1 by default, all with a rate.'),
    rate: Share.optional().describe('Share of the messages that is hit, drawn from the seed.'),
  },
  [...MESSAGE_VERBS, ...STACK_VERBS],
);
export type Fault = z.output<typeof Fault>;

/** The verb of a fault that acts on a part, and the part. */
export function stackVerbOf(fault: Fault): { verb: StackVerb; part: StackPart } | undefined {
  for (const verb of STACK_VERBS) {
    const named = fault[verb];
    if (named !== undefined) return { verb, part: named };
  }
  return undefined;
}
