// Goal: a part that is asked to end leaves nothing for others to repeat. Method: each part of a shop is stopped and
// replaced under load, while every delivery of every part is looked at.
import { expect, test } from 'vitest';

import { OrderView } from '../../src/contracts/orders.ts';
import { liveClock, liveIds } from '../../src/kernel/live.ts';
import { ShopClient } from '../support/shop-client.ts';
import { openShop, SHOP_SERVICES, type ShopService, type TestShop } from '../support/shop.ts';
import { watchedPart, type DeliveryCount } from '../support/watched-part.ts';

const CUSTOMERS = 12;
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

/** Customers who order one book after another; a shop that says "come again", or is gone, is asked again. */
class Load {
  readonly ids: string[] = [];
  /** Whatever is neither an order nor "come again". */
  readonly complaints: string[] = [];
  url: string;
  #isOver = false;
  readonly #customers: Promise<unknown>;
  readonly #book: number;

  constructor(url: string, book: number) {
    this.url = url;
    this.#book = book;
    this.#customers = Promise.all(Array.from({ length: CUSTOMERS }, () => this.#order()));
  }

  async untilTaken(count: number): Promise<void> {
    const goal = this.ids.length + count;
    await expect.poll(() => this.ids.length).toBeGreaterThan(goal);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#customers;
  }

  async #order(): Promise<void> {
    while (!this.#isOver) {
      const key = liveIds.uuid();
      while (!(await this.#ask(key))) await liveClock.sleep(20);
    }
  }

  async #ask(key: string): Promise<boolean> {
    const response = await fetch(`${this.url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({
        customerId: 'alice',
        lines: [{ bookId: this.#book, quantity: 1 }],
        payment: { kind: 'visa', token: 'tok_visa' },
      }),
    }).catch((error: Error) => this.#isGone(error));
    if (response === undefined) return false;
    const body: unknown = await response.json();
    if (response.status === 503 && response.headers.has('retry-after')) return false;
    if (response.ok) this.ids.push(OrderView.parse(body).id);
    else this.complaints.push(`${response.status} ${JSON.stringify(body)}`);
    return true;
  }

  /** Nobody listens: that happens between two mediators. An answer that breaks off must not happen. */
  #isGone(error: Error): undefined {
    const { code } = (error.cause ?? {}) as { code?: string };
    if (code !== 'ECONNREFUSED') this.complaints.push(`${error.message} ${code}`);
  }
}

async function expectAllEnded(client: ShopClient, load: Load): Promise<void> {
  const seen = await Promise.all(load.ids.map((id) => client.closed(id)));
  expect(seen.filter((each) => each.status !== 'confirmed')).toEqual([]);
  expect(load.complaints).toEqual([]);
}

test.each(SERVICES)(
  '%s ends under load, and nothing is delivered again',
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
    await expectAllEnded(client, load);
    expect(count.all).toBeGreaterThan(60);
    expect(count.again).toEqual([]);
  },
  60_000,
);

test('a mediator ends under load: requests that wait are answered, and nothing is delivered again', async () => {
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
  await expectAllEnded(client, load);
  expect(count.again).toEqual([]);
}, 60_000);

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
