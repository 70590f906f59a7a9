/** The order saga as it was before orders could be cancelled and shipped: open sagas end as they began. */
import { defineSaga } from '../saga/definition.ts';
import type { OrderData } from './order-data.ts';
import { charge, commit, record, reserve, tellConfirmed, tellRejected } from './order-steps.ts';

export const orderSagaV1 = defineSaga<OrderData>({
  name: 'order',
  version: 1,
  budgetMs: 30_000,
  stages: [
    { id: 'reserving', status: 'reserving', steps: [reserve], isPivot: false },
    { id: 'charging', status: 'charging', steps: [charge], isPivot: true },
    { id: 'settling', status: 'settling', steps: [commit, record], isPivot: false },
  ],
  endings: {
    success: [{ status: 'confirmed', event: 'confirmed', notify: tellConfirmed }],
    failure: [{ status: 'rejected', event: 'rejected', notify: tellRejected }],
    cancelled: [],
  },
});
