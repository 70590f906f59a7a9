/** What the payment service understands and answers: charges, voids and refunds of orders. */
import { z } from 'zod';

import { defineMessage } from './message.ts';
import { Cents, Currency, CustomerId, OrderId, Reason } from './primitives.ts';

const owner = 'payment';

export const PaymentKind = z.enum(['visa', 'mastercard', 'paypal']);
export type PaymentKind = z.infer<typeof PaymentKind>;

/**
 * How an order is paid. The token stands for a card or account; the number itself never leaves the
 * customer's side (the CLI exchanges it, test-cards.ts), so no part can store or log it.
 */
export const PaymentMethod = z.strictObject({
  kind: PaymentKind,
  token: z.string().regex(/^tok_[a-z_]{1,60}$/, 'a payment token begins with tok_'),
});
export type PaymentMethod = z.infer<typeof PaymentMethod>;

const PaymentId = z.string().min(1).max(80);

export const charge = defineMessage({
  name: 'payment.charge',
  version: 1,
  kind: 'command',
  owner,
  about:
    'Capture the amount for an order, once, whatever happens; the message id is the idempotency key.',
  body: z.strictObject({
    orderId: OrderId,
    customerId: CustomerId,
    amountCents: Cents,
    currency: Currency,
    method: PaymentMethod,
  }),
});

export const charged = defineMessage({
  name: 'payment.charged',
  version: 1,
  kind: 'reply',
  owner,
  about: 'The amount is captured.',
  body: z.strictObject({
    orderId: OrderId,
    paymentId: PaymentId,
    amountCents: Cents,
    currency: Currency,
  }),
});

export const declined = defineMessage({
  name: 'payment.declined',
  version: 1,
  kind: 'reply',
  owner,
  about: 'No money moved and none will: the provider said no, or the order was voided before.',
  body: z.strictObject({ orderId: OrderId, reason: Reason }),
});

export const voidCharge = defineMessage({
  name: 'payment.void',
  version: 1,
  kind: 'command',
  owner,
  about:
    'Make sure that nothing is captured: give back what was, and refuse a charge that comes later.',
  body: z.strictObject({ orderId: OrderId }),
});

export const voided = defineMessage({
  name: 'payment.voided',
  version: 1,
  kind: 'reply',
  owner,
  about: 'The order has net paid nothing, and no charge will succeed any more.',
  body: z.strictObject({ orderId: OrderId, returnedCents: Cents }),
});

export const refund = defineMessage({
  name: 'payment.refund',
  version: 1,
  kind: 'command',
  owner,
  about: 'Give the captured amount back to the customer.',
  body: z.strictObject({ orderId: OrderId }),
});

export const refunded = defineMessage({
  name: 'payment.refunded',
  version: 1,
  kind: 'reply',
  owner,
  about: 'The captured amount was given back (0 when nothing was captured).',
  body: z.strictObject({ orderId: OrderId, returnedCents: Cents }),
});

/** PENDING before the provider is asked; then one of the others. CAPTURED may become REFUNDED. */
export const PaymentState = z.enum(['PENDING', 'CAPTURED', 'DECLINED', 'VOIDED', 'REFUNDED']);
export type PaymentState = z.infer<typeof PaymentState>;

export const audit = defineMessage({
  name: 'payment.audit',
  version: 1,
  kind: 'query',
  owner,
  about: 'The ledger of these orders as the database has it, for checks.',
  body: z.strictObject({ orderIds: z.array(OrderId).max(1_000) }),
});

export const audited = defineMessage({
  name: 'payment.audited',
  version: 1,
  kind: 'reply',
  owner,
  about: 'One row for each order that has a ledger entry.',
  body: z.strictObject({
    payments: z
      .array(
        z.strictObject({
          orderId: OrderId,
          state: PaymentState,
          capturedCents: Cents,
          refundedCents: Cents,
          /** How often the provider captured money for the order: 0 or 1, or it is a defect. */
          captures: z.int().min(0),
        }),
      )
      .max(1_000),
  }),
});
