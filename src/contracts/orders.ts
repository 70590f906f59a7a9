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

/** Where an order stands. The last three are final for the customer. */
export const ORDER_STATUSES = [
  'reserving',
  'charging',
  'resolving',
  'settling',
  'releasing',
  'refunding',
  'confirmed',
  'rejected',
  'cancelled',
] as const;
export const OrderStatus = z.enum(ORDER_STATUSES);
export type OrderStatus = z.infer<typeof OrderStatus>;

export const FINAL_STATUSES: readonly OrderStatus[] = ['confirmed', 'rejected', 'cancelled'];

/** What happened to an order, one word each, in the order a saga can take them. */
export const ORDER_EVENTS = [
  'accepted',
  'reserved',
  'refused',
  'charged',
  'declined',
  'retried',
  'committed',
  'recorded',
  'confirmed',
  'voided',
  'refunded',
  'released',
  'rejected',
  'cancelled',
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
  /** The message that caused it; absent for the customer's request itself. */
  messageId: z.string().max(200).optional(),
  reason: Reason.optional(),
  /** Commands that were decided in the same transition, by contract name. */
  issued: z.array(z.string().max(100)).max(10),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

export const OrderView = z.strictObject({
  id: OrderId,
  status: OrderStatus,
  /** Why it was rejected or cancelled. */
  reason: Reason.optional(),
  /** The saga still has something to do, for example to notify the customer. */
  open: z.boolean(),
  customerId: CustomerId,
  lines: z
    .array(z.union([PricedLine, OrderLines.element]))
    .min(1)
    .max(20),
  /** Known once the copies are reserved. */
  totalCents: Cents.optional(),
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
