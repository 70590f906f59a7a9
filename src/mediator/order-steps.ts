/** The steps of the order saga as version 1 published them: sagas in flight hold on to their ids. */
import * as customer from '../contracts/customer.ts';
import * as inventory from '../contracts/inventory.ts';
import * as notification from '../contracts/notification.ts';
import * as payment from '../contracts/payment.ts';
import { compensation, refusal, step } from '../saga/definition.ts';
import { pricedOf, type OrderData } from './order-data.ts';

const orderOnly = ({ orderId }: OrderData): { orderId: string } => ({ orderId });

export const reserve = step('reserve', {
  to: 'inventory',
  command: inventory.reserve,
  body: ({ orderId, lines }: OrderData) => ({ orderId, lines: [...lines] }),
  reply: inventory.reserved,
  event: 'reserved',
  learn: (data, { lines, totalCents }) => ({ ...data, priced: { lines, totalCents } }),
  refused: refusal(inventory.refused, 'refused', ({ reason }) => reason),
  undo: compensation('releasing', {
    command: inventory.release,
    body: orderOnly,
    reply: inventory.released,
    event: 'released',
  }),
});

export const charge = step('charge', {
  to: 'payment',
  command: payment.charge,
  body: (data: OrderData) => ({
    orderId: data.orderId,
    customerId: data.customer.id,
    amountCents: pricedOf(data).totalCents,
    currency: 'EUR' as const,
    method: data.payment,
  }),
  reply: payment.charged,
  event: 'charged',
  refused: refusal(payment.declined, 'declined', ({ reason }) => reason),
  undo: compensation('resolving', {
    command: payment.voidCharge,
    body: orderOnly,
    reply: payment.voided,
    event: 'voided',
  }),
});

export const commit = step('commit', {
  to: 'inventory',
  command: inventory.commit,
  body: orderOnly,
  reply: inventory.committed,
  event: 'committed',
});

export const record = step('record', {
  to: 'customer',
  command: customer.recordOrder,
  body: (data: OrderData) => ({
    orderId: data.orderId,
    customerId: data.customer.id,
    lines: [...pricedOf(data).lines],
    totalCents: pricedOf(data).totalCents,
    currency: 'EUR' as const,
  }),
  reply: customer.orderRecorded,
  event: 'recorded',
});

export const tellConfirmed = step('tell-confirmed', {
  to: 'notification',
  command: notification.orderConfirmed,
  body: (data: OrderData) => ({
    orderId: data.orderId,
    customer: data.customer,
    lines: [...pricedOf(data).lines],
    totalCents: pricedOf(data).totalCents,
    currency: 'EUR' as const,
  }),
  reply: notification.notified,
  event: 'notified',
});

export const tellRejected = step('tell-rejected', {
  to: 'notification',
  command: notification.orderRejected,
  body: ({ orderId, customer: recipient }: OrderData, reason) => ({
    orderId,
    customer: recipient,
    reason: reason ?? 'unknown',
  }),
  reply: notification.notified,
  event: 'notified',
});
