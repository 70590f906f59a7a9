/** The order saga: reserve, charge (the pivot), commit and record together, then tell the customer. */
import * as customer from '../contracts/customer.ts';
import * as inventory from '../contracts/inventory.ts';
import * as notification from '../contracts/notification.ts';
import type { PaymentMethod } from '../contracts/payment.ts';
import * as payment from '../contracts/payment.ts';
import type { OrderLine, PricedLine } from '../contracts/primitives.ts';
import { BugError } from '../kernel/errors.ts';
import { defineSaga, exchange, refusal, step } from '../saga/definition.ts';

/** What an order's saga knows; grows as replies come in. */
export interface OrderData {
  readonly orderId: string;
  readonly customer: { readonly id: string; readonly name: string; readonly email: string };
  readonly lines: readonly OrderLine[];
  readonly payment: PaymentMethod;
  /** Known once reserved: what the copies cost. */
  readonly priced?: { readonly lines: readonly PricedLine[]; readonly totalCents: number };
}

const orderOnly = ({ orderId }: OrderData): { orderId: string } => ({ orderId });

function pricedOf(data: OrderData): NonNullable<OrderData['priced']> {
  if (data.priced === undefined) throw new BugError('the order has no prices yet');
  return data.priced;
}

const reserve = step('reserve', {
  to: 'inventory',
  command: inventory.reserve,
  body: ({ orderId, lines }: OrderData) => ({ orderId, lines: [...lines] }),
  reply: inventory.reserved,
  event: 'reserved',
  learn: (data, { lines, totalCents }) => ({ ...data, priced: { lines, totalCents } }),
  refused: refusal(inventory.refused, 'refused', ({ reason }) => reason),
  undo: exchange({
    command: inventory.release,
    body: orderOnly,
    reply: inventory.released,
    event: 'released',
  }),
});

const charge = step('charge', {
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
  undo: exchange({
    command: payment.voidCharge,
    body: orderOnly,
    reply: payment.voided,
    event: 'voided',
  }),
});

const commit = step('commit', {
  to: 'inventory',
  command: inventory.commit,
  body: orderOnly,
  reply: inventory.committed,
  event: 'committed',
});

const record = step('record', {
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

const tellConfirmed = step('tell-confirmed', {
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

const tellRejected = step('tell-rejected', {
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

/** Version 1. A change of its structure needs version 2 beside it: open sagas end as they began. */
export const orderSaga = defineSaga<OrderData>({
  name: 'order',
  version: 1,
  stages: [
    {
      id: 'reserving',
      status: 'reserving',
      undoStatus: 'releasing',
      steps: [reserve],
      isPivot: false,
    },
    { id: 'charging', status: 'charging', undoStatus: 'resolving', steps: [charge], isPivot: true },
    {
      id: 'settling',
      status: 'settling',
      undoStatus: 'refunding',
      steps: [commit, record],
      isPivot: false,
    },
  ],
  success: { status: 'confirmed', event: 'confirmed', notify: tellConfirmed },
  failure: { status: 'rejected', event: 'rejected', notify: tellRejected },
});
