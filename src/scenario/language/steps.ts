/** What happens in a scenario, in order: the steps. */
import { z } from 'zod';

import { MAX_COPIES } from '../../contracts/primitives.ts';
import { TEST_CARDS } from '../../contracts/test-cards.ts';
import { exactlyOne } from './exactly-one.ts';
import { Expectation, OrderName } from './expectations.ts';
import { Fault, PARTS } from './faults.ts';
import { Duration, oneOf, whole, written } from './values.ts';

/** Most orders of one scenario; what checks can ask the parts about at once. */
export const MAX_ORDERS = 1_000;

const OrderNames = written(/^[a-zA-Z](?:[a-zA-Z0-9_-]|\{n\}){0,35}$/, 'a name such as o{n}');
const Customers = written(
  /^(?:[a-z0-9]|\{n\})(?:[a-z0-9-]|\{n\}){0,27}$/,
  'a customer id such as alice, or c{n} for many',
);
export const Customer = written(/^[a-z0-9][a-z0-9-]{0,31}$/, 'a customer id such as alice');
const BookRef = whole(1, 1_000_000_000).describe(
  'A book of `given`, or a number that no catalogue has.',
);

const pay = oneOf('a test card', TEST_CARDS.map((card) => card.name) as [string, ...string[]])
  .optional()
  .describe('The test card that pays; visa by default.');
const quantity = whole(1, MAX_COPIES).default(1).describe('Copies of it.');

const Order = z.strictObject({
  id: OrderName.describe('The name of the order in this file.'),
  customer: Customer.default('alice').describe('Who orders.'),
  book: BookRef,
  quantity,
  pay,
  clicks: whole(1, 100)
    .default(1)
    .describe('How often the customer clicks: the same order, at once, under one idempotency key.'),
});

const Orders = z.strictObject({
  count: whole(1, MAX_ORDERS).describe('How many orders.'),
  parallel: whole(1, 200).default(1).describe('How many customers order at the same time.'),
  over: Duration.optional().describe(
    'The orders come evenly over this time; as fast as decisions allow when absent.',
  ),
  id: OrderNames.default('o{n}').describe('Their names in this file; {n} counts from 1.'),
  customer: Customers.default('c{n}').describe('Who orders; {n} counts from 1.'),
  book: BookRef,
  quantity,
  pay,
});

const Send = z.strictObject({
  to: oneOf('a part that takes messages', PARTS).describe('Whose queue it is put into.'),
  message: written(/^[a-z][a-z.-]{0,99}$/, 'the name of a message such as payment.charge')
    .optional()
    .describe('Contract name in the envelope; none when absent.'),
  body: z.record(z.string().max(64), z.unknown()).optional().describe('The body, as JSON.'),
  text: z.string().max(10_000).optional().describe('The body as it is, however broken.'),
  order: OrderName.optional().describe('The order that it says it belongs to.'),
  times: whole(1, 100).default(1).describe('How many copies are sent.'),
});
export type Send = z.output<typeof Send>;

export const Step = exactlyOne(
  {
    order: Order.optional().describe('One customer orders; the next step does not wait for it.'),
    orders: Orders.optional().describe('Many customers order; each lane waits for its decision.'),
    cancel: OrderName.optional().describe(
      'The customer takes an order back; when it is too late, nothing happens.',
    ),
    until: Expectation.optional().describe('Wait until all of this holds.'),
    within: Duration.optional().describe('How long `until` may take; 10s by default.'),
    expect: Expectation.optional().describe('Must hold at this moment.'),
    fault: Fault.optional().describe('From now on this goes wrong.'),
    heal: z
      .literal('all', { error: 'heal takes the word all' })
      .optional()
      .describe('All faults so far are undone.'),
    send: Send.optional().describe('A raw message is put into the queue of a part.'),
  },
  ['order', 'orders', 'cancel', 'until', 'expect', 'fault', 'heal', 'send'],
);
export type Step = z.output<typeof Step>;
