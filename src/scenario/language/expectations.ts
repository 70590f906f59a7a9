/** What a scenario can expect: the keys of `expect`, `until` and `steady`. */
import { z } from 'zod';

import { ORDER_EVENTS, ORDER_STATUSES } from '../../contracts/orders.ts';
import { Amount, DurationLimit, oneOf, Price, written } from './values.ts';

export const OrderName = written(/^[a-zA-Z][a-zA-Z0-9_-]{0,39}$/, 'a name for an order such as o1');
export const BookKey = written(/^[1-9]\d{0,8}$/, 'the number of a book such as 42');

/** What can be counted: orders by where they stand. */
export const COUNTS = [
  ...ORDER_STATUSES.map((status) => `order.${status}` as const),
  'order.accepted',
  'order.open',
] as const;
export type Count = (typeof COUNTS)[number];

/** What can be counted of the messages of a run. */
export const MESSAGE_COUNTS = {
  redelivered: 'Deliveries that the broker had handed over before.',
  'dead-lettered': 'Messages that a part gave up and kept.',
  lost: 'Messages that the broker confirmed, and that no part consumed or kept.',
  'duplicates-ignored': 'Deliveries whose effect had happened before, and that did nothing more.',
  unroutable: 'Messages that no queue took.',
} as const;
export type MessageCount = keyof typeof MESSAGE_COUNTS;

/** How long orders took, from the click to confirmed or rejected. */
export const LATENCIES = ['order.p50', 'order.p95', 'order.p99', 'order.max'] as const;
export type Latency = (typeof LATENCIES)[number];

/** A mapping whose keys are a closed list; a misspelt one is told with the closest. */
function table<const Entry extends readonly [string, z.ZodType]>(entries: readonly Entry[]) {
  const shape = Object.fromEntries(entries.map(([name, value]) => [name, value.optional()]));
  return z.strictObject(shape as Record<Entry[0], z.ZodOptional<Entry[1]>>);
}

const events = z.array(oneOf('an event of an order', ORDER_EVENTS)).min(1).max(50);
const counts = COUNTS.map((name) => [name, Amount] as const);
const messages = Object.entries(MESSAGE_COUNTS).map(
  ([name, about]) => [name as MessageCount, Amount.describe(about)] as const,
);
const latencies = LATENCIES.map((name) => [name, DurationLimit] as const);

export const Expectation = z.strictObject({
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
  count: table(counts).optional().describe('How many orders there are of a kind.'),
  mails: z.record(OrderName, Amount).optional().describe('Mails sent for an order, or in `total`.'),
  messages: table(messages).optional().describe('What became of the messages of the run.'),
  latency: table(latencies)
    .optional()
    .describe('How long orders took from the click to confirmed or rejected. No orders: not met.'),
  services: oneOf('what services can be', ['up'])
    .optional()
    .describe('Every part answers, and a message makes the trip through all of them.'),
  queues: oneOf('what queues can be', ['empty'])
    .optional()
    .describe('No message waits in a work queue of the stack.'),
});
export type Expectation = z.output<typeof Expectation>;
