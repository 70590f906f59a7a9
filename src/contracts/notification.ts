/** What the notification service is told, what it answers, and what can be asked of its mails. */
import { z } from 'zod';

import { Profile } from './customer.ts';
import { defineMessage } from './message.ts';
import {
  Cents,
  Currency,
  Email,
  Instant,
  OrderId,
  PricedLine,
  Reason,
  ShortText,
} from './primitives.ts';

const owner = 'notification';

const Recipient = Profile.pick({ id: true, name: true, email: true });

export const orderConfirmed = defineMessage({
  name: 'order.confirmed',
  version: 1,
  kind: 'event',
  owner: 'mediator',
  about: 'The order is paid, taken off the shelf and recorded: send the invoice.',
  body: z.strictObject({
    orderId: OrderId,
    customer: Recipient,
    lines: z.array(PricedLine).min(1).max(20),
    totalCents: Cents,
    currency: Currency,
  }),
});

export const orderRejected = defineMessage({
  name: 'order.rejected',
  version: 1,
  kind: 'event',
  owner: 'mediator',
  about: 'The order ended without a sale: tell the customer why.',
  body: z.strictObject({ orderId: OrderId, customer: Recipient, reason: Reason }),
});

export const orderCancelled = defineMessage({
  name: 'order.cancelled',
  version: 1,
  kind: 'event',
  owner: 'mediator',
  about: 'The customer took the order back before it was shipped: tell what becomes of the money.',
  body: z.strictObject({
    orderId: OrderId,
    customer: Recipient,
    /** What was charged and given back; 0 when it had not come to a charge. */
    refundedCents: Cents,
    currency: Currency,
  }),
});

export const orderShipped = defineMessage({
  name: 'order.shipped',
  version: 1,
  kind: 'event',
  owner: 'mediator',
  about: 'The books are on their way: tell the customer. From now on there is no cancelling.',
  body: z.strictObject({
    orderId: OrderId,
    customer: Recipient,
    lines: z.array(PricedLine).min(1).max(20),
  }),
});

export const notified = defineMessage({
  name: 'notification.sent',
  version: 1,
  kind: 'reply',
  owner,
  about: 'Receipt: the mail was handed to the mail server or written to the inbox.',
  body: z.strictObject({ orderId: OrderId, mailId: ShortText }),
});

export const Mail = z.strictObject({
  id: ShortText,
  orderId: OrderId,
  to: Email,
  subject: ShortText,
  template: ShortText,
  sentAt: Instant,
  /** How often the same mail, under the same id, went out once more; absent when it never did. */
  repeats: z.int().min(1).optional(),
});
export type Mail = z.infer<typeof Mail>;

export const audit = defineMessage({
  name: 'notification.audit',
  version: 1,
  kind: 'query',
  owner,
  about: 'The mails sent for these orders, or the newest mails when no order is named.',
  body: z.strictObject({ orderIds: z.array(OrderId).max(1_000), limit: z.int().min(1).max(2_000) }),
});

export const audited = defineMessage({
  name: 'notification.audited',
  version: 1,
  kind: 'reply',
  owner,
  about: 'Mails, newest first.',
  body: z.strictObject({ mails: z.array(Mail).max(2_000) }),
});
