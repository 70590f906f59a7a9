/** The order saga: reserve, charge (the pivot), commit and record together, tell the customer, ship. */
import * as customer from '../contracts/customer.ts';
import * as notification from '../contracts/notification.ts';
import * as payment from '../contracts/payment.ts';
import { compensation, defineSaga, step } from '../saga/definition.ts';
import { pricedOf, type OrderData } from './order-data.ts';
import * as steps from './order-steps.ts';

const { reserve, commit, tellConfirmed, tellRejected } = steps;

const returned = (data: OrderData, { returnedCents }: { returnedCents: number }): OrderData => ({
  ...data,
  refundedCents: returnedCents,
});

/** Once captured the money is refunded; a void is for a charge of which nobody knows. */
const charge = {
  ...steps.charge,
  undo: compensation('resolving', {
    command: payment.voidCharge,
    body: ({ orderId }: OrderData) => ({ orderId }),
    reply: payment.voided,
    event: 'voided',
    learn: returned,
  }),
  reverse: compensation('refunding', {
    command: payment.refund,
    body: ({ orderId }: OrderData) => ({ orderId }),
    reply: payment.refunded,
    event: 'refunded',
    learn: returned,
  }),
};

const record = {
  ...steps.record,
  undo: compensation('refunding', {
    command: customer.cancelOrder,
    body: ({ orderId }: OrderData) => ({ orderId }),
    reply: customer.orderCancelled,
    event: 'unrecorded',
  }),
};

const tellCancelled = step('tell-cancelled', {
  to: 'notification',
  command: notification.orderCancelled,
  body: (data: OrderData) => ({
    orderId: data.orderId,
    customer: data.customer,
    refundedCents: data.refundedCents ?? 0,
    currency: 'EUR' as const,
  }),
  reply: notification.notified,
  event: 'notified',
});

const tellShipped = step('tell-shipped', {
  to: 'notification',
  command: notification.orderShipped,
  body: (data: OrderData) => ({
    orderId: data.orderId,
    customer: data.customer,
    lines: [...pricedOf(data).lines],
  }),
  reply: notification.notified,
  event: 'notified',
});

/** Version 2. A change of its structure needs version 3 beside it: open sagas end as they began. */
export const orderSaga = defineSaga<OrderData>({
  name: 'order',
  version: 2,
  budgetMs: 30_000,
  policyOf: ({ policy }) =>
    policy && {
      patienceMs: {
        inventory: policy.inventoryTimeoutMs,
        payment: policy.paymentTimeoutMs,
        customer: policy.customerTimeoutMs,
        notification: policy.notificationTimeoutMs,
      },
      longestPauseMs: policy.retryAtMostMs,
      budgetMs: policy.decideWithinMs,
    },
  stages: [
    { id: 'reserving', status: 'reserving', steps: [reserve], isPivot: false },
    { id: 'charging', status: 'charging', steps: [charge], isPivot: true },
    { id: 'settling', status: 'settling', steps: [commit, record], isPivot: false },
  ],
  endings: {
    success: [
      { status: 'confirmed', event: 'confirmed', notify: tellConfirmed },
      {
        status: 'shipped',
        event: 'shipped',
        notify: tellShipped,
        afterMs: ({ shipAfterMs = 0 }) => shipAfterMs,
      },
    ],
    failure: [{ status: 'rejected', event: 'rejected', notify: tellRejected }],
    cancelled: [{ status: 'cancelled', event: 'cancelled', notify: tellCancelled }],
  },
});
