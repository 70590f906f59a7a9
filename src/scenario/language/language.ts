/** The language of scenario files: the one definition that gives the parser, the types and the JSON Schema. */
import { z } from 'zod';

import { ORDER_EVENTS, ORDER_STATUSES } from '../../contracts/orders.ts';
import { MAX_COPIES, Reason } from '../../contracts/primitives.ts';
import { TEST_CARDS } from '../../contracts/test-cards.ts';
import { INVARIANTS, type Invariant } from './invariants.ts';
import { explainPlace, PLACES } from './places.ts';
import { Amount, Duration, DurationRange, oneOf, Price, whole, written } from './values.ts';

/** Most orders of one scenario; what checks can ask the parts about at once. */
export const MAX_ORDERS = 1_000;

const OrderName = written(/^[a-zA-Z][a-zA-Z0-9_-]{0,39}$/, 'a name for an order such as o1');
const OrderNames = written(/^[a-zA-Z](?:[a-zA-Z0-9_-]|\{n\}){0,35}$/, 'a name such as o{n}');
const Customers = written(
  /^(?:[a-z0-9]|\{n\})(?:[a-z0-9-]|\{n\}){0,27}$/,
  'a customer id such as alice, or c{n} for many',
);
const Customer = written(/^[a-z0-9][a-z0-9-]{0,31}$/, 'a customer id such as alice');
const BookRef = whole(1, 1_000_000_000);
const BookKey = written(/^[1-9]\d{0,8}$/, 'the number of a book such as 42');

const pay = oneOf(
  'a test card',
  TEST_CARDS.map((card) => card.name) as [string, ...string[]],
).optional();
const quantity = whole(1, MAX_COPIES).default(1);

const Given = z.strictObject({
  books: z
    .record(BookKey, z.strictObject({ stock: whole(0, 1_000_000), price: Price }))
    .default({})
    .describe('The books of this world: each run gets its own copies, whatever the shop has.'),
  customers: z
    .array(Customer)
    .max(200)
    .optional()
    .describe('Who may order. Absent: everybody whom the steps name.'),
  policy: z
    .strictObject({
      'ship-after': Duration.optional().describe(
        'How long a confirmed order rests before it is shipped; as in the shop when absent.',
      ),
    })
    .default({})
    .describe('What the shop does otherwise for the orders of this world.'),
});

const Order = z.strictObject({
  id: OrderName.describe('The name of the order in this file.'),
  customer: Customer.default('alice'),
  book: BookRef.describe('A book of `given`, or a number that no catalogue has.'),
  quantity,
  pay: pay.describe('The test card that pays; visa by default.'),
});

const Orders = z.strictObject({
  count: whole(1, MAX_ORDERS),
  parallel: whole(1, 200).default(1).describe('How many customers order at the same time.'),
  id: OrderNames.default('o{n}'),
  customer: Customers.default('c{n}'),
  book: BookRef,
  quantity,
  pay,
});

/** What can be counted: orders by where they stand. */
export const COUNTS = [
  ...ORDER_STATUSES.map((status) => `order.${status}` as const),
  'order.accepted',
  'order.open',
] as const;
export type Count = (typeof COUNTS)[number];

const counts = Object.fromEntries(COUNTS.map((name) => [name, Amount.optional()])) as Record<
  Count,
  z.ZodOptional<typeof Amount>
>;
const events = z.array(oneOf('an event of an order', ORDER_EVENTS)).min(1).max(50);

const Expectation = z.strictObject({
  order: z
    .record(OrderName, oneOf('a status of an order', ORDER_STATUSES))
    .optional()
    .describe('The status of each order.'),
  stock: z
    .record(BookKey, Amount)
    .optional()
    .describe('Copies that can be sold: neither sold nor held.'),
  paid: z
    .record(OrderName, Price)
    .optional()
    .describe('Captured minus refunded, of an order or in `total`.'),
  trace: z
    .record(OrderName, events)
    .optional()
    .describe('Events of an order in this order; others may lie between them.'),
  never: z.record(OrderName, events).optional().describe('Events that the order must not have.'),
  count: z.strictObject(counts).optional().describe('How many orders there are of a kind.'),
  mails: z.record(OrderName, Amount).optional().describe('Mails sent for an order, or in `total`.'),
});
export type Expectation = z.output<typeof Expectation>;

/** An object of which exactly one of the keys says what it does. */
function exactlyOne<Shape extends z.ZodRawShape>(shape: Shape, verbs: readonly (keyof Shape)[]) {
  return z
    .strictObject(shape)
    .superRefine((value, context) => {
      const used = verbs.filter(
        (verb) => (value as Record<PropertyKey, unknown>)[verb] !== undefined,
      );
      if (used.length === 1) return;
      const problem =
        used.length === 0 ? 'nothing is said to happen' : `${used.join(' and ')} are given`;
      context.addIssue({
        code: 'custom',
        message: `${problem}: write exactly one of ${verbs.join(', ')}`,
      });
    })
    .meta({ oneOf: verbs.map((verb) => ({ required: [verb] })) });
}

const Step = exactlyOne(
  {
    order: Order.optional().describe('One customer orders; the next step does not wait for it.'),
    orders: Orders.optional().describe('Many customers order; each lane waits for its decision.'),
    cancel: OrderName.optional().describe(
      'The customer takes an order back; when it is too late, nothing happens.',
    ),
    until: Expectation.optional().describe('Wait until all of this holds.'),
    within: Duration.optional().describe('How long `until` may take; 10s by default.'),
    expect: Expectation.optional().describe('Must hold at this moment.'),
  },
  ['order', 'orders', 'cancel', 'until', 'expect'],
);
export type Step = z.output<typeof Step>;

const places = [...PLACES.keys()] as [string, ...string[]];

const Fault = exactlyOne(
  {
    at: z
      .enum(places, {
        error: ({ input }) => (typeof input === 'string' ? explainPlace(input) : undefined),
      })
      .describe('service.message@point; `*` stands for all services or messages.'),
    decline: written(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'a reason such as insufficient_funds')
      .pipe(Reason)
      .optional()
      .describe('The part says no, for this reason, and does nothing.'),
    error: z.string().min(1).max(200).optional().describe('Handling fails with this message.'),
    delay: DurationRange.optional().describe('Handling begins later: 2s, or 0s..50ms.'),
    nth: whole(1, 1_000_000).default(1).describe('The first message that is hit.'),
    times: z
      .union([z.int().min(1).max(1_000_000), z.literal('all')], {
        error: 'times is a whole number from 1, or all',
      })
      .default(1)
      .describe('How many messages are hit.'),
  },
  ['decline', 'error', 'delay'],
);
export type Fault = z.output<typeof Fault>;

const scalar = z.union([z.string().max(1_000), z.number(), z.boolean()], {
  error: 'a variable is text, a number, true or false',
});

const skip = z.literal('skip', {
  error: 'an invariant always holds, unless it says skip: leave the line out',
});

/** A whole scenario file, after `${…}` has been filled in. */
export const ScenarioFile = z.strictObject({
  scenario: written(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a name of lower-case letters, digits and dashes'),
  about: z.string().min(1).max(500).describe('What this scenario shows, in a sentence or two.'),
  tags: z
    .array(written(/^[a-z0-9-]{1,30}$/, 'a tag such as basics'))
    .max(20)
    .default([]),
  vars: z
    .record(written(/^[a-z][a-z0-9_-]{0,39}$/, 'a variable name such as reason'), scalar)
    .default({})
    .describe('Defaults of ${…}; --var name=value overrides them.'),
  given: Given.prefault({}),
  steps: z.array(Step).min(1).max(200),
  faults: z.array(Fault).max(50).default([]),
  expect: Expectation.default({}),
  settle: Duration.default(30_000).describe('How long the end may take; 30s by default.'),
  invariants: z
    .strictObject(
      Object.fromEntries(INVARIANTS.map((name) => [name, skip.optional()])) as Record<
        Invariant,
        z.ZodOptional<typeof skip>
      >,
    )
    .default({})
    .describe('Built-in checks that this scenario leaves out.'),
});
export type ScenarioFile = z.output<typeof ScenarioFile>;

/** Words of the language that a later version will understand, by where they stand. */
export const LATER: Readonly<Record<string, readonly string[]>> = {
  '': ['matrix', 'repeat', 'seed', 'steady', 'runs-on'],
  policy: ['timeouts', 'retries'],
  steps: ['advance', 'fault', 'heal', 'send'],
  orders: ['over'],
  faults: 'drop duplicate reorder corrupt crash hang restart partition skew match rate for'.split(
    ' ',
  ),
  expect: ['messages', 'latency'],
  until: ['messages', 'latency'],
};
