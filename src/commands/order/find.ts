/** An order by id, its beginning or its end, or an error that says where ids come from. */
import type { OrderDetail } from '../../contracts/orders.ts';
import { UserError } from '../../kernel/errors.ts';
import type { MediatorClient } from '../mediator-client.ts';

/** As long as the mediator wants it, to be one order's alone. `…` stands before ids that a table cut. */
const ID = /^[0-9a-f-]{6,36}$/;

/** @throws UserError `unknown-order` */
export async function findOrder(client: MediatorClient, typed: string): Promise<OrderDetail> {
  const id = typed.trim().replace(/^…/, '').toLowerCase();
  if (ID.test(id)) return client.order(id);
  throw new UserError('unknown-order', `"${typed}" is not the id of an order.`, {
    hint: 'Write an id of `wonderland orders`, or at least its last 6 characters.',
    details: { order: typed },
  });
}
