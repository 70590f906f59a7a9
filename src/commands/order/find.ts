/** An order by id or the beginning of it, or an error that says where ids come from. */
import type { OrderDetail } from '../../contracts/orders.ts';
import { UserError } from '../../kernel/errors.ts';
import type { MediatorClient } from '../mediator-client.ts';

/** As long as the mediator wants it, to be one order's alone. */
const ID = /^[0-9a-f-]{8,36}$/;

/** @throws UserError `unknown-order` */
export async function findOrder(client: MediatorClient, typed: string): Promise<OrderDetail> {
  const id = typed.trim().toLowerCase();
  if (ID.test(id)) return client.order(id);
  throw new UserError('unknown-order', `"${typed}" is not the id of an order.`, {
    hint: 'Write an id of `wonderland orders`, or at least its first 8 characters.',
    details: { order: typed },
  });
}
