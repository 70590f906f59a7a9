/** What the customer service understands and answers: profiles and order history. */
import { z } from 'zod';

import { defineMessage } from './message.ts';
import {
  Cents,
  Currency,
  CustomerId,
  Email,
  Instant,
  OrderId,
  PricedLine,
  RunId,
  ShortText,
} from './primitives.ts';

const owner = 'customer';

export const Address = z.strictObject({
  street: ShortText,
  postalCode: z.string().min(1).max(20),
  city: ShortText,
  country: z.string().length(2),
});

/** Enough to address somebody and to write to them. */
export const Profile = z.strictObject({
  id: CustomerId,
  name: ShortText,
  email: Email,
  address: Address,
});
export type Profile = z.infer<typeof Profile>;

export const HistoryEntry = z.strictObject({
  orderId: OrderId,
  lines: z.array(PricedLine).min(1).max(20),
  totalCents: Cents,
  currency: Currency,
  recordedAt: Instant,
  /** When the customer took it back; absent for an order that stands. */
  cancelledAt: Instant.optional(),
});
export type HistoryEntry = z.infer<typeof HistoryEntry>;

export const recordOrder = defineMessage({
  name: 'customer.record-order',
  version: 1,
  kind: 'command',
  owner,
  about: 'Add a paid order to the history of its customer, once.',
  body: z.strictObject({
    orderId: OrderId,
    customerId: CustomerId,
    lines: z.array(PricedLine).min(1).max(20),
    totalCents: Cents,
    currency: Currency,
  }),
});

export const orderRecorded = defineMessage({
  name: 'customer.order-recorded',
  version: 1,
  kind: 'reply',
  owner,
  about: 'The order is in the history.',
  body: z.strictObject({ orderId: OrderId }),
});

export const cancelOrder = defineMessage({
  name: 'customer.cancel-order',
  version: 1,
  kind: 'command',
  owner,
  about: 'Compensation of record-order: the order stays in the history, marked as cancelled.',
  body: z.strictObject({ orderId: OrderId }),
});

export const orderCancelled = defineMessage({
  name: 'customer.order-cancelled',
  version: 1,
  kind: 'reply',
  owner,
  about: 'The order stands in no history, whether it was recorded or comes to be.',
  body: z.strictObject({ orderId: OrderId }),
});

export const find = defineMessage({
  name: 'customer.find',
  version: 1,
  kind: 'query',
  owner,
  about: 'A customer with the newest entries of the order history.',
  body: z.strictObject({ customerId: CustomerId, orders: z.int().min(0).max(200) }),
});

export const found = defineMessage({
  name: 'customer.found',
  version: 1,
  kind: 'reply',
  owner,
  about: 'The profile and the newest orders, or null when there is no such customer.',
  body: z.strictObject({
    customer: Profile.nullable(),
    orders: z.array(HistoryEntry).max(200),
    orderCount: z.int().min(0),
  }),
});

export const list = defineMessage({
  name: 'customer.list',
  version: 1,
  kind: 'query',
  owner,
  about: 'Customers in order of id.',
  body: z.strictObject({
    limit: z.int().min(1).max(500),
    offset: z.int().min(0).max(1_000_000_000),
  }),
});

export const listed = defineMessage({
  name: 'customer.listed',
  version: 1,
  kind: 'reply',
  owner,
  about: 'A page of customers, with how many orders each has, and how many customers there are.',
  body: z.strictObject({
    customers: z.array(Profile.extend({ orderCount: z.int().min(0) })).max(500),
    total: z.int().min(0),
  }),
});

export const register = defineMessage({
  name: 'customer.register',
  version: 1,
  kind: 'command',
  owner,
  about: 'Add customers; one whose id exists already is left as it is.',
  body: z.strictObject({ run: RunId.optional(), customers: z.array(Profile).min(1).max(200) }),
});

export const registered = defineMessage({
  name: 'customer.registered',
  version: 1,
  kind: 'reply',
  owner,
  about: 'All of the customers exist now.',
  body: z.strictObject({ customerIds: z.array(CustomerId).min(1).max(200) }),
});

export const audit = defineMessage({
  name: 'customer.audit',
  version: 1,
  kind: 'query',
  owner,
  about:
    'How often each of these orders stands in a history, cancelled ones left out, as the database has it, for checks.',
  body: z.strictObject({ orderIds: z.array(OrderId).max(1_000) }),
});

export const audited = defineMessage({
  name: 'customer.audited',
  version: 1,
  kind: 'reply',
  owner,
  about: 'One row for each order that is in some history.',
  body: z.strictObject({
    records: z.array(z.strictObject({ orderId: OrderId, records: z.int().min(1) })).max(1_000),
  }),
});
