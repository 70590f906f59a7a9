/** The origin's first mistake: it charges before it takes stock. In the place of src/mediator/order-saga.ts. */
import * as payment from '../../src/contracts/payment.ts';
import type { OrderData } from '../../src/mediator/order-data.ts';
import { orderSaga as right } from '../../src/mediator/order-saga.ts';
import * as steps from '../../src/mediator/order-steps.ts';
import { defineSaga, refusal, step } from '../../src/saga/definition.ts';
import { PRICE_CENTS } from '../load/shelves.ts';

/** Nothing undoes it, as in the origin. */
const charge = step('charge', {
  to: 'payment',
  command: payment.charge,
  body: ({ orderId, customer, lines, payment: method }: OrderData) => ({
    orderId,
    customerId: customer.id,
    amountCents: lines.reduce((sum, { quantity }) => sum + quantity * PRICE_CENTS, 0),
    currency: 'EUR' as const,
    method,
  }),
  reply: payment.charged,
  event: 'charged',
  refused: refusal(payment.declined, 'declined', ({ reason }) => reason),
});

export const orderSaga = defineSaga<OrderData>({
  ...right,
  stages: [
    { id: 'charging', status: 'charging', steps: [charge], isPivot: true },
    { id: 'reserving', status: 'reserving', steps: [steps.reserve], isPivot: false },
    ...right.stages.filter(({ id }) => id === 'settling'),
  ],
});
