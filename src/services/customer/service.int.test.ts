import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Commander } from '../../../test/support/commander.ts';
import { dropTestSchemas, TEST_DATABASE_URL } from '../../../test/support/database.ts';
import { openSurroundings, openTestPart } from '../../../test/support/part.ts';
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
import { ping, pong } from '../../contracts/participant.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { RpcClient } from '../../messaging/rpc-client.ts';
import type { Part } from '../../messaging/part.ts';
import { startCustomer } from './service.ts';

const WITHIN_MS = 10_000;

function orderOf(customerId: string, orderId: string = randomUUID()) {
  const line = { bookId: 42, quantity: 2, title: "The Hitchhiker's Guide", unitPriceCents: 1_299 };
  return { orderId, customerId, lines: [line], totalCents: 2_598, currency: 'EUR' as const };
}

function withoutOwner(order: ReturnType<typeof orderOf>) {
  const { customerId: _, ...entry } = order;
  return entry;
}

describe('the customer service', () => {
  let closing: ClosingStack;
  let part: Part;
  let commander: Commander;
  let rpc: RpcClient;

  beforeEach(async () => {
    closing = new ClosingStack();
    const surroundings = closing.use(await openSurroundings());
    const settings = { ...surroundings.settings, databaseUrl: TEST_DATABASE_URL };
    closing.defer(() => dropTestSchemas(settings, ['customer']));
    part = closing.use(await openTestPart({ service: 'customer', settings }));
    closing.use(await startCustomer(part));
    commander = closing.use(await Commander.open(part, 'customer'));
    rpc = closing.use(await RpcClient.open(part));
  });

  afterEach(() => closing[Symbol.asyncDispose]());

  const askFor = (customerId: string, orders = 10) =>
    rpc.ask({
      service: 'customer',
      contract: find,
      body: { customerId, orders },
      answer: found,
      withinMs: WITHIN_MS,
    });

  const record = (order: ReturnType<typeof orderOf>, id = `${order.orderId}:record:command`) =>
    commander.send(recordOrder, order, { id, orderId: order.orderId });

  const cancel = (orderId: string, id = `${orderId}:record:undo`) =>
    commander.send(cancelOrder, { orderId }, { id, orderId });

  const standing = async (orderId: string): Promise<number> => {
    const request = { service: 'customer', contract: audit, answer: audited } as const;
    const body = { orderIds: [orderId] };
    const { records } = await rpc.ask({ ...request, body, withinMs: WITHIN_MS });
    return records.reduce((sum, each) => sum + each.records, 0);
  };

  it('knows alice and where she lives, before anybody registers', async () => {
    const { customer, orders, orderCount } = await askFor('alice');
    expect(customer).toEqual({
      id: 'alice',
      name: 'Alice Liddell',
      email: 'alice@wonderland.example',
      address: {
        street: '1 Rabbit Hole',
        postalCode: 'OX1 1DP',
        city: 'Wonderland',
        country: 'GB',
      },
    });
    expect({ orders, orderCount }).toEqual({ orders: [], orderCount: 0 });
  });

  it('answers the canary', async () => {
    const body = { nonce: 'n1' };
    const request = { service: 'customer', contract: ping, answer: pong } as const;
    const answer = await rpc.ask({ ...request, body, withinMs: WITHIN_MS });
    expect(answer).toEqual({ nonce: 'n1', service: 'customer' });
  });

  it('records a paid order in the history of its customer', async () => {
    const order = orderOf('alice');
    const before = part.clock.now();
    const answer = await record(order);
    expect(answer).toMatchObject({
      type: orderRecorded.name,
      correlationId: order.orderId,
      body: { orderId: order.orderId },
    });
    const { orders, orderCount } = await askFor('alice');
    expect(orderCount).toBe(1);
    expect(orders).toEqual([{ ...withoutOwner(order), recordedAt: expect.any(Number) }]);
    expect(orders[0]?.recordedAt).toBeGreaterThanOrEqual(before);
  });

  it('records an order once, however often the command comes, and under whatever id', async () => {
    const order = orderOf('hatter');
    const answers = await Promise.all([record(order), record(order), record(order, 'another-id')]);
    expect(new Set(answers.map((each) => JSON.stringify(each.body))).size).toBe(1);
    expect(await askFor('hatter')).toMatchObject({ orderCount: 1 });
  });

  it('records a hundred orders that come at once, and lists the newest first', async () => {
    const orders = Array.from({ length: 100 }, () => orderOf('queen'));
    await Promise.all(orders.map((each) => record(each)));
    const history = await askFor('queen', 7);
    expect(history.orderCount).toBe(100);
    const instants = history.orders.map((each) => each.recordedAt);
    expect(instants).toEqual(instants.toSorted((a, b) => b - a));
    expect(instants).toHaveLength(7);
  });

  it('records the order of a customer whom nobody knows, because it is paid', async () => {
    await record(orderOf('nobody'));
    expect(await askFor('nobody')).toMatchObject({ customer: null, orderCount: 1 });
  });

  it('says how often each order stands in a history', async () => {
    const [recorded, absent] = [orderOf('alice'), randomUUID()];
    await record(recorded);
    const answer = await rpc.ask({
      service: 'customer',
      contract: audit,
      body: { orderIds: [recorded.orderId, absent] },
      answer: audited,
      withinMs: WITHIN_MS,
    });
    expect(answer.records).toEqual([{ orderId: recorded.orderId, records: 1 }]);
  });

  it('keeps a cancelled order in the history, marked, where it does not stand any more', async () => {
    const order = orderOf('alice');
    await record(order);
    const before = part.clock.now();
    expect(await cancel(order.orderId)).toMatchObject({
      type: orderCancelled.name,
      correlationId: order.orderId,
      body: { orderId: order.orderId },
    });
    const [entry] = (await askFor('alice')).orders;
    expect(entry).toMatchObject({ orderId: order.orderId, totalCents: 2_598 });
    expect(entry?.cancelledAt).toBeGreaterThanOrEqual(before);
    expect(await standing(order.orderId)).toBe(0);
  });

  it('cancels once: a second cancel, under whatever id, leaves the instant as it is', async () => {
    const order = orderOf('alice');
    await record(order);
    await cancel(order.orderId);
    const { orders } = await askFor('alice');
    await cancel(order.orderId);
    await cancel(order.orderId, 'another-id');
    expect((await askFor('alice')).orders).toEqual(orders);
  });

  it('answers the cancel of an order that never came, and nobody sees a trace of it', async () => {
    const orderId = randomUUID();
    expect(await cancel(orderId)).toMatchObject({ type: orderCancelled.name, body: { orderId } });
    expect(await standing(orderId)).toBe(0);
    expect(await askFor('alice')).toMatchObject({ orders: [], orderCount: 0 });
  });

  it('does not let an order stand whose record comes after its cancel', async () => {
    const order = orderOf('alice');
    await cancel(order.orderId);
    expect(await record(order)).toMatchObject({ type: orderRecorded.name });
    expect(await standing(order.orderId)).toBe(0);
    const { orders } = await askFor('alice');
    expect(orders).toMatchObject([{ ...withoutOwner(order), cancelledAt: expect.any(Number) }]);
  });

  it('lets none of a hundred orders stand whose record and cancel come at once, to two processes', async () => {
    await using second = await openTestPart({ service: 'customer', settings: part.settings });
    await using _ = await startCustomer(second);
    const orders = Array.from({ length: 100 }, () => orderOf('queen'));
    await Promise.all(
      orders.flatMap((each, index) =>
        index % 2 === 0
          ? [record(each), cancel(each.orderId)]
          : [cancel(each.orderId), record(each)],
      ),
    );
    const counts = await Promise.all(orders.map((each) => standing(each.orderId)));
    expect(counts).toEqual(orders.map(() => 0));
    const history = (await askFor('queen', 200)).orders;
    expect(history.filter((each) => each.cancelledAt !== undefined)).toHaveLength(100);
  });

  it('registers new customers and leaves an existing one as it is', async () => {
    const address = { street: '1 Looking Glass', postalCode: 'L1', city: 'Mirror', country: 'GB' };
    const named = (id: string) => ({ id, name: `New ${id}`, email: `${id}@x.example`, address });
    const customers = [named('tweedledum'), named('alice')];
    const answer = await commander.send(register, { customers });
    expect(answer).toMatchObject({
      type: registered.name,
      body: { customerIds: ['tweedledum', 'alice'] },
    });
    expect((await askFor('tweedledum')).customer).toEqual(customers[0]);
    expect((await askFor('alice')).customer?.name).toBe('Alice Liddell');
  });

  it('lists customers by id, page by page, with how many orders each has', async () => {
    await record(orderOf('bill'));
    const page = { limit: 2, offset: 1 };
    const request = { service: 'customer', contract: list, answer: listed } as const;
    const answer = await rpc.ask({ ...request, body: page, withinMs: WITHIN_MS });
    expect(answer.customers.map(({ id, orderCount }) => [id, orderCount])).toEqual([
      ['bill', 1],
      ['caterpillar', 0],
    ]);
    expect(answer.total).toBe(15);
  });

  it('may run twice: both processes share the history and give the same answers', async () => {
    const order = orderOf('alice');
    const first = await record(order);
    await using second = await openTestPart({ service: 'customer', settings: part.settings });
    await using _ = await startCustomer(second);
    expect((await record(order)).body).toEqual(first.body);
    expect(await askFor('alice')).toMatchObject({ orderCount: 1 });
  });
});
