/** Orders as customers and watchers see them: the request, the view, its timeline, the journal. */
import { z } from 'zod';

import { defineMessage } from './message.ts';
import { PaymentMethod } from './payment.ts';
import {
  Cents,
  Currency,
  CustomerId,
  Instant,
  OrderId,
  OrderLines,
  PricedLine,
  Reason,
} from './primitives.ts';

/** Body of `POST /orders`. Unknown keys are refused: a card number can't slip in. */
export const PlaceOrder = z.strictObject({
  customerId: CustomerId,
  lines: OrderLines,
  payment: PaymentMethod,
});
export type PlaceOrder = z.infer<typeof PlaceOrder>;

/** A day: what a policy asks for is never longer. */
const MAX_POLICY_MS = 86_400_000;
/** Commands are not sent again faster than this. */
const MIN_POLICY_MS = 10;
const PolicyMs = z.int().min(MIN_POLICY_MS).max(MAX_POLICY_MS).optional();

/**
 * What one order of a scenario run does otherwise than the others: the header `wonderland-policy` of
 * `POST /orders`, as JSON. All milliseconds; what is absent is as everywhere in the shop.
 */
export const OrderPolicy = z.strictObject({
  /** How long it rests before it is shipped. */
  shipAfterMs: z.int().min(0).max(MAX_POLICY_MS).optional(),
  /** How long the saga waits for the part's answer before it asks again; doubled with each attempt. */
  inventoryTimeoutMs: PolicyMs,
  paymentTimeoutMs: PolicyMs,
  customerTimeoutMs: PolicyMs,
  notificationTimeoutMs: PolicyMs,
  /** An order that is not charged by then is given up, however often was asked. */
  decideWithinMs: PolicyMs,
  /** Longest pause between two attempts. */
  retryAtMostMs: PolicyMs,
});
export type OrderPolicy = z.infer<typeof OrderPolicy>;

/** Where an order stands. */
export const ORDER_STATUSES = [
  'reserving',
  'charging',
  'resolving',
  'settling',
  'releasing',
  'refunding',
  'confirmed',
  'shipped',
  'rejected',
  'cancelled',
] as const;
export const OrderStatus = z.enum(ORDER_STATUSES);
export type OrderStatus = z.infer<typeof OrderStatus>;

/** The customer has the answer. A confirmed order may still be shipped, or be cancelled before. */
export const FINAL_STATUSES: readonly OrderStatus[] = [
  'confirmed',
  'shipped',
  'rejected',
  'cancelled',
];

/** What happened to an order, one word each, in the order a saga can take them. */
export const ORDER_EVENTS = [
  'accepted',
  'reserved',
  'refused',
  'charged',
  'declined',
  'retried',
  'timed-out',
  'stuck',
  'cancel-requested',
  'committed',
  'recorded',
  'confirmed',
  'unrecorded',
  'voided',
  'refunded',
  'released',
  'rejected',
  'cancelled',
  'shipped',
  'notified',
] as const;
export const OrderEvent = z.enum(ORDER_EVENTS);
export type OrderEvent = z.infer<typeof OrderEvent>;

/** One entry of the append-only saga log. */
export const TimelineEntry = z.strictObject({
  seq: z.int().min(1),
  at: Instant,
  event: OrderEvent,
  status: OrderStatus,
  /** The message that caused it; absent for the customer's request itself. As long as AMQP lets an id be. */
  messageId: z.string().max(255).optional(),
  reason: Reason.optional(),
  /** Commands that were decided in the same transition, by contract name. */
  issued: z.array(z.string().max(100)).max(10),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

/** Commands of an order that nobody answered yet. */
export const Waiting = z.strictObject({
  /** Steps, with the part that has to answer. */
  steps: z
    .array(z.strictObject({ step: z.string().max(64), service: z.string().max(64) }))
    .min(1)
    .max(10),
  /** How often they were sent. */
  attempt: z.int().min(1),
  since: Instant,
  /** When they are sent again; in the past when no mediator is there to do it. */
  nextAttemptAt: Instant,
  /** What the part that was asked last had to say, when it asked for a pause. */
  trouble: z.string().max(200).optional(),
});
export type Waiting = z.infer<typeof Waiting>;

export const OrderView = z.strictObject({
  id: OrderId,
  status: OrderStatus,
  /** Why it was rejected or cancelled. */
  reason: Reason.optional(),
  /** An answer is awaited, for example the receipt of a mail; false also while it rests until shipping. */
  open: z.boolean(),
  /** What is awaited; absent when nothing is. */
  waiting: Waiting.optional(),
  /** When it will be shipped; until then the customer can cancel. */
  shipsAt: Instant.optional(),
  customerId: CustomerId,
  lines: z
    .array(z.union([PricedLine, OrderLines.element]))
    .min(1)
    .max(20),
  /** Known once the copies are reserved. */
  totalCents: Cents.optional(),
  /** What payment gave back; known once it has said so, 0 when nothing had been captured. */
  refundedCents: Cents.optional(),
  currency: Currency,
  placedAt: Instant,
  updatedAt: Instant,
  traceparent: z.string().max(60),
});
export type OrderView = z.infer<typeof OrderView>;

export const OrderDetail = OrderView.extend({ timeline: z.array(TimelineEntry).max(1_000) });
export type OrderDetail = z.infer<typeof OrderDetail>;

/** What the journal and the live streams carry: an entry, and whose it is. */
export const JournalEntry = TimelineEntry.extend({
  orderId: OrderId,
  customerId: CustomerId,
  open: z.boolean(),
});
export type JournalEntry = z.infer<typeof JournalEntry>;

export const journal = defineMessage({
  name: 'order.journal',
  version: 1,
  kind: 'event',
  owner: 'mediator',
  about: 'What happened to orders since the last one: for live views; the saga log has the truth.',
  body: z.strictObject({ entries: z.array(JournalEntry).min(1).max(500) }),
});
