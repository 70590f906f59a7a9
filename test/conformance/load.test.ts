// Goal: under load nothing is lost and nothing is done twice. Method: audit of the databases, to the cent.
import { afterAll, beforeAll, expect, test } from 'vitest';

import { FINAL_STATUSES } from '../../src/contracts/orders.ts';
import { liveRandom } from '../../src/kernel/live.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { ShopClient } from '../support/shop-client.ts';
import { openShop, type TestShop } from '../support/shop.ts';

const RACES = 50;
const CUSTOMERS = 50;
const ORDERS = 1_000;
const PARALLEL = 32;
const CARDS = ['tok_visa', 'tok_visa', 'tok_visa', 'tok_insufficient_funds'];
const seed = liveRandom.integer(1, 1_000_000);

let shop: TestShop;
let client: ShopClient;

beforeAll(async () => {
  shop = await openShop();
  client = await ShopClient.open(shop);
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await shop[Symbol.asyncDispose]();
});

test(`the last copy goes to exactly one of ${CUSTOMERS} customers, ${RACES} times out of ${RACES}`, async () => {
  for (let race = 0; race < RACES; race++) {
    const book = await client.stock(1);
    const placed = await Promise.all(
      Array.from({ length: CUSTOMERS }, () => client.order({ book })),
    );
    const winners = placed.filter((each) => each.status !== 'rejected');
    expect(winners).toHaveLength(1);
    expect(await client.closed(winners[0]?.id ?? '')).toMatchObject({ status: 'confirmed' });
    expect(await client.shelf(book)).toMatchObject({ onHand: 0, held: 0, sold: 1, holds: [] });
    const paid = await client.paid(placed.map((each) => each.id));
    expect(paid.map((each) => each.capturedCents)).toEqual([1_250]);
  }
}, 120_000);

test(`${ORDERS} orders, ${PARALLEL} at once, end as they should, and stock and money balance (seed ${seed})`, async () => {
  const random = seededRandom(seed);
  const prices = [999, 1_250, 3_900];
  const books = await Promise.all(prices.map((price) => client.stock(500, price)));
  const asked = Array.from({ length: ORDERS }, () => ({
    book: books[random.integer(0, books.length - 1)] ?? 0,
    quantity: random.integer(1, 3),
    token: CARDS[random.integer(0, CARDS.length - 1)] ?? '',
  }));
  const ids: string[] = [];
  const customer = async (): Promise<void> => {
    for (let next = asked.pop(); next !== undefined; next = asked.pop()) {
      ids.push((await client.order(next)).id);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, customer));
  const seen = await Promise.all(ids.map((id) => client.closed(id)));
  expect(seen.filter((each) => each.open || !FINAL_STATUSES.includes(each.status))).toEqual([]);

  const confirmed = seen.filter((each) => each.status === 'confirmed');
  const shelves = await Promise.all(books.map((book) => client.shelf(book)));
  for (const { id, initial, onHand, held, sold } of shelves) {
    const copies = confirmed.flatMap((each) => each.lines).filter((line) => line.bookId === id);
    expect({ held, sold, total: onHand + sold }).toEqual({
      held: 0,
      sold: copies.reduce((sum, line) => sum + line.quantity, 0),
      total: initial,
    });
  }
  const payments = await client.paid(ids);
  const captured = payments.filter((each) => each.state === 'CAPTURED');
  expect(captured.every((each) => each.captures === 1 && each.refundedCents === 0)).toBe(true);
  expect(captured.map((each) => each.orderId).toSorted()).toEqual(
    confirmed.map((each) => each.id).toSorted(),
  );
  const total = (amounts: readonly number[]): number =>
    amounts.reduce((sum, each) => sum + each, 0);
  expect(total(payments.map((each) => each.capturedCents - each.refundedCents))).toBe(
    total(confirmed.map((each) => each.totalCents ?? 0)),
  );
}, 120_000);

test('two mediators share all sagas: either answers for orders that the other moved on', async () => {
  await using other = await ShopClient.open(shop, await shop.openMediator());
  const book = await client.stock(80);
  const clients = [client, other];
  const placed = await Promise.all(
    Array.from({ length: 80 }, (_, index) => (clients[index % 2] ?? client).order({ book })),
  );
  const seen = await Promise.all(
    placed.map((each, index) => (clients[(index + 1) % 2] ?? client).closed(each.id)),
  );
  expect(seen.filter((each) => each.status !== 'confirmed' || each.open)).toEqual([]);
  expect(await client.shelf(book)).toMatchObject({ onHand: 0, held: 0, sold: 80 });
  const seqs = seen.map((each) => each.timeline.map((entry) => entry.seq).join());
  expect(new Set(seqs)).toEqual(new Set(['1,2,3,4,5,6,7']));
}, 60_000);
