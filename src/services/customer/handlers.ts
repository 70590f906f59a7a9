/** What the customer service does with each message it understands. */
import {
  audit,
  audited,
  cancelOrder,
  find,
  found,
  list,
  listed,
  orderCancelled,
  orderRecorded,
  recordOrder,
  register,
  registered,
} from '../../contracts/customer.ts';
import type { Clock } from '../../kernel/clock.ts';
import { onMessage, reply, type CommandHandler } from '../../messaging/participant.ts';
import type { CustomerTx } from './transaction.ts';

/**
 * An order is recorded even for a customer whom nobody registered: it is past the pivot, the money was
 * paid, so there is no "no" left to say. The history is there as soon as the customer registers.
 */
export function customerHandlers(clock: Clock): readonly CommandHandler<CustomerTx>[] {
  return [
    onMessage(recordOrder, (order, work) =>
      work.once((tx) => {
        tx.recordOrder({ ...order, recordedAt: clock.now() });
        return Promise.resolve(reply(orderRecorded, { orderId: order.orderId }));
      }),
    ),
    onMessage(cancelOrder, ({ orderId }, work) =>
      work.once((tx) => {
        tx.cancelOrder(orderId, clock.now());
        return Promise.resolve(reply(orderCancelled, { orderId }));
      }),
    ),
    onMessage(register, ({ customers, run }, work) =>
      work.once(async (tx) => {
        await tx.register(customers, run);
        return reply(registered, { customerIds: customers.map((each) => each.id) });
      }),
    ),
    onMessage(find, ({ customerId, orders }, work) =>
      work.transact(async (tx) => {
        const customer = (await tx.findProfile(customerId)) ?? null;
        return reply(found, { customer, ...(await tx.historyOf(customerId, orders)) });
      }),
    ),
    onMessage(list, (page, work) =>
      work.transact(async (tx) => reply(listed, await tx.listProfiles(page))),
    ),
    onMessage(audit, ({ orderIds }, work) =>
      work.transact(async (tx) => reply(audited, { records: await tx.countRecords(orderIds) })),
    ),
  ];
}
