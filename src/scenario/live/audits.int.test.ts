import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { openShop, type TestShop } from '../../../test/support/shop.ts';
import { ShopClient } from '../../../test/support/shop-client.ts';
import { liveClock, liveIds, liveRandom } from '../../kernel/live.ts';
import { auditOrders, auditSagas, auditStack, straysOf } from './audits.ts';
import { SOURCES } from '../judge/sources.ts';
import { openConnection, type Connection } from './connection.ts';

const WITHIN = { timeout: 10_000, interval: 20 };

let shop: TestShop;
let client: ShopClient;
let connection: Connection;
beforeAll(async () => {
  shop = await openShop();
  client = await ShopClient.open(shop);
  connection = await openConnection({
    clock: liveClock,
    ids: liveIds,
    random: liveRandom,
    signal: new AbortController().signal,
    address: {
      mediatorUrl: shop.url,
      amqpUrl: shop.settings.amqpUrl ?? '',
      namespace: shop.settings.namespace,
      dataDir: shop.settings.dataDir ?? '',
    },
  });
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await client[Symbol.asyncDispose]();
  await shop[Symbol.asyncDispose]();
});

test('the sagas of orders are right, and the log store comes to have each entry once', async () => {
  const placed = await Promise.all([client.order(), client.order({ token: 'tok_lost_card' })]);
  const details = await Promise.all(placed.map(({ id }) => client.closed(id)));
  const ids = details.map(({ id }) => id);
  await vi.waitFor(async () => {
    const sagas = await auditSagas(connection, ids);
    expect(sagas.toSorted((a, b) => ids.indexOf(a.orderId) - ids.indexOf(b.orderId))).toEqual(
      details.map(({ id, timeline: { length } }) => ({
        orderId: id,
        entries: length,
        logged: length,
      })),
    );
  }, WITHIN);
});

test('what parts have of an order is asked of all of them, and of no order nothing is asked', async () => {
  const { id } = await client.order();
  await client.closed(id);
  expect(await auditOrders(connection.rpc, [id], SOURCES)).toMatchObject({
    payments: [{ orderId: id, captures: 1 }],
    records: [{ orderId: id, records: 1 }],
    mails: [{ orderId: id, template: 'invoice' }],
  });
  expect(await auditOrders(connection.rpc, [], SOURCES)).toEqual({
    payments: [],
    records: [],
    mails: [],
  });
});

test('an order that customers know nothing of is a stray', () => {
  expect(straysOf([{ id: 'a' }, { id: 'b' }], ['a', 'c'])).toEqual([
    { orderId: 'b', order: undefined },
  ]);
});

test('a stack in order has no troubles, and nothing waits', async () => {
  await vi.waitFor(
    async () => expect(await auditStack(connection)).toEqual({ troubles: [], waiting: {} }),
    WITHIN,
  );
});

test('messages that wait for a part that is away are counted, and the part is in trouble', async () => {
  await shop.stop('customer');
  const id = await client.begin();
  const customer = connection.names.queueOf('customer');
  await vi.waitFor(async () => {
    const { troubles, waiting } = await auditStack(connection);
    expect(waiting?.[customer]).toBeGreaterThanOrEqual(1);
    expect(troubles).toEqual([expect.stringMatching(/^customer: /)]);
  }, WITHIN);
  await shop.start('customer');
  await client.closed(id);
});

test('what cannot be counted is not told as empty, and a mediator that is away is trouble', async () => {
  const gone = { ...connection.names, replies: 'nobody.declared.this' };
  const { waiting } = await auditStack({ ...connection, names: gone });
  expect(waiting).toBeUndefined();
  await shop.stop('mediator');
  const { troubles } = await auditStack(connection);
  expect(troubles).toEqual([expect.stringMatching(/^mediator: /)]);
});
