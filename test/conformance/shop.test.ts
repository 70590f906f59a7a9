// Goal: the shop keeps its promises on any broker and database. Method: its own HTTP API, and audits of the databases.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import * as customer from '../../src/contracts/customer.ts';
import * as inventory from '../../src/contracts/inventory.ts';
import { OrderView, type JournalEntry, type OrderDetail } from '../../src/contracts/orders.ts';
import { liveIds } from '../../src/kernel/live.ts';
import { ShopClient } from '../support/shop-client.ts';
import { openShop, type TestShop } from '../support/shop.ts';

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

const events = (seen: OrderDetail): string[] => seen.timeline.map((each) => each.event);

describe('an order', () => {
  test('is confirmed: the copy is sold, the money captured, the history written, the mail sent', async () => {
    const bookId = await client.stock(5);
    const placed = await client.order({ book: bookId, quantity: 2, customerId: 'hatter' });
    const seen = await client.closed(placed.id);
    expect(seen).toMatchObject({ status: 'confirmed', open: false, totalCents: 2_500 });
    expect(events(seen).slice(0, 3)).toEqual(['accepted', 'reserved', 'charged']);
    expect(events(seen).slice(3, 5).toSorted()).toEqual(['committed', 'recorded']);
    expect(events(seen).slice(5)).toEqual(['confirmed', 'notified']);
    expect(await client.shelf(bookId)).toMatchObject({
      initial: 5,
      onHand: 3,
      held: 0,
      sold: 2,
      holds: [],
    });
    expect(await client.paid([placed.id])).toMatchObject([
      { state: 'CAPTURED', capturedCents: 2_500, captures: 1 },
    ]);
    const found = await (await client.get(`/customers/hatter`)).json();
    expect(customer.found.body.parse(found).orders[0]).toMatchObject({ orderId: placed.id });
    const mails = (await (await client.get(`/mails?order=${placed.id}`)).json()) as {
      mails: unknown[];
    };
    expect(mails.mails).toHaveLength(1);
  });

  test('whose card is declined is undone: the copy is back, no money moved, the customer told', async () => {
    const bookId = await client.stock(1);
    const placed = await client.order({ book: bookId, token: 'tok_insufficient_funds' });
    const seen = await client.closed(placed.id);
    expect(seen).toMatchObject({ status: 'rejected', reason: 'insufficient_funds' });
    expect(events(seen)).toEqual([
      'accepted',
      'reserved',
      'declined',
      'released',
      'rejected',
      'notified',
    ]);
    expect(await client.shelf(bookId)).toMatchObject({ onHand: 1, held: 0, sold: 0, holds: [] });
    expect(await client.paid([placed.id])).toMatchObject([
      { state: 'DECLINED', capturedCents: 0, captures: 0 },
    ]);
  });

  test('for more copies than there are is rejected before any money moves', async () => {
    const placed = await client.order({ book: await client.stock(1), quantity: 2 });
    const seen = await client.closed(placed.id);
    expect(seen).toMatchObject({ status: 'rejected', reason: 'out-of-stock' });
    expect(await client.paid([placed.id])).toEqual([]);
  });

  test('for a book that nobody knows is rejected', async () => {
    expect(await client.order({ book: 4_242 })).toMatchObject({
      status: 'rejected',
      reason: 'unknown-book',
    });
  });

  test('whose provider never answers is given up: voided, released, rejected', async () => {
    const bookId = await client.stock(1);
    const placed = await client.place({ book: bookId, token: 'tok_provider_error' });
    const seen = await client.closed(OrderView.parse(await placed.json()).id);
    expect(seen).toMatchObject({ status: 'rejected', reason: 'charge-failed' });
    expect(events(seen).slice(-4)).toEqual(['voided', 'released', 'rejected', 'notified']);
    expect(await client.shelf(bookId)).toMatchObject({ onHand: 1, held: 0 });
  });
});

describe('the last copy', () => {
  test('goes to exactly one of fifty customers, and nobody else pays', async () => {
    const bookId = await client.stock(1);
    const orders = await Promise.all(
      Array.from({ length: 50 }, () => client.order({ book: bookId })),
    );
    const seen = await Promise.all(orders.map((each) => client.closed(each.id)));
    expect(seen.filter((each) => each.status === 'confirmed')).toHaveLength(1);
    expect(seen.filter((each) => each.status === 'rejected')).toHaveLength(49);
    expect(await client.shelf(bookId)).toMatchObject({ onHand: 0, held: 0, sold: 1 });
    const captured = (await client.paid(orders.map((each) => each.id))).reduce(
      (sum, each) => sum + each.capturedCents,
      0,
    );
    expect(captured).toBe(1_250);
  });
});

describe('the idempotency key', () => {
  test('makes a hundred equal requests one order with a hundred equal answers', async () => {
    const bookId = await client.stock(100);
    const key = liveIds.uuid();
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => client.order({ book: bookId, key })),
    );
    expect(new Set(answers.map((each) => each.id)).size).toBe(1);
    await client.closed(answers[0]?.id ?? '');
    expect(await client.shelf(bookId)).toMatchObject({ onHand: 99, sold: 1 });
  });

  test('of another order is a conflict', async () => {
    const key = liveIds.uuid();
    await client.order({ key });
    const response = await client.place({ key, quantity: 2 });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ error: { code: 'idempotency-conflict' } });
  });

  test('is required', async () => {
    const response = await client.place({ key: '' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('idempotency-key');
  });
});

describe('a request that cannot be an order', () => {
  test.each([
    ['more than three copies', { quantity: 4 }, 400, 'invalid-request'],
    ['no copies', { quantity: 0 }, 400, 'invalid-request'],
    ['a customer that nobody knows', { customerId: 'nobody' }, 404, 'unknown-customer'],
    ['a card number instead of a token', { token: '4242424242424242' }, 400, 'invalid-request'],
  ])(
    '%s is refused with its code, and the number sent is not repeated',
    async (_what, asked, status, code) => {
      const response = await client.place(asked);
      expect(response.status).toBe(status);
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({ error: { code } });
      expect(text).not.toContain('4242424242424242');
    },
  );
});

describe('looking at it', () => {
  test('live events come in order, each once, and end with the saga', async () => {
    const placed = await client.order();
    const text = await (await client.get(`/orders/${placed.id}/events`)).text();
    const entries = [...text.matchAll(/^data: (.*)$/gm)].map(
      ([, json]) => JSON.parse(json ?? '') as JournalEntry,
    );
    expect(entries.map((each) => each.seq)).toEqual(entries.map((_, index) => index + 1));
    expect(entries.map((each) => each.open)).toEqual([...entries.slice(1).map(() => true), false]);
  });

  test('an order is found by the end of its id too, and by a beginning that is its alone', async () => {
    const { id } = await client.order();
    const named = async (part: string): Promise<unknown> =>
      (await client.get(`/orders/${part}`)).json();
    expect(await named(id.slice(-8))).toMatchObject({ id });
    expect(await named(id.slice(-14))).toMatchObject({ id });
    expect(await named(id.slice(0, -1))).toMatchObject({ id });
    await client.order();
    const error = { code: 'unknown-order', message: expect.stringContaining('Several orders') };
    expect(await named(id.slice(0, 6))).toMatchObject({ error });
    for (const part of [id.slice(-5), '%25%25%25%25%25%25', 'nobody'])
      expect((await client.get(`/orders/${part}`)).status).toBe(400);
  });

  test('books, customers and orders are listed; what does not exist is 404', async () => {
    const books = inventory.booksListed.body.parse(
      await (await client.get(`/books?search=hitchhiker`)).json(),
    );
    expect(books.books.map((each) => each.id)).toContain(42);
    expect((await client.get(`/books/4242`)).status).toBe(404);
    expect((await client.get(`/customers/nobody`)).status).toBe(404);
    expect((await client.get(`/orders/${liveIds.uuid()}`)).status).toBe(404);
    const listed = (await (await client.get(`/orders?limit=3`)).json()) as {
      orders: OrderView[];
    };
    expect(listed.orders).toHaveLength(3);
  });

  test('what a scenario run made is left out of the lists, and can be found all the same', async () => {
    const run = `run-${liveIds.hex(4)}`;
    const { bookIds } = await client.ask('inventory', {
      contract: inventory.stockBooks,
      body: { run, books: [{ title: run, author: run, priceCents: 1, copies: 1 }] },
      answer: inventory.booksStocked,
    });
    const address = { street: '1', postalCode: '1', city: 'Here', country: 'GB' };
    await client.ask('customer', {
      contract: customer.register,
      body: { run, customers: [{ id: run, name: run, email: `${run}@scenario.test`, address }] },
      answer: customer.registered,
    });
    const books = await (await client.get(`/books?limit=500&search=${run}`)).json();
    expect(books).toEqual({ books: [], total: 0 });
    expect((await client.get(`/books/${bookIds[0]}`)).status).toBe(200);
    expect(await (await client.get('/customers?limit=500')).text()).not.toContain(run);
    expect((await client.get(`/customers/${run}`)).status).toBe(200);
  });

  test('it is ready when every service answers the canary', async () => {
    const ready = (await (await client.get(`/readyz`)).json()) as {
      ready: boolean;
      checks: { name: string }[];
    };
    expect(ready.ready).toBe(true);
    expect(ready.checks.map((each) => each.name)).toEqual([
      'database',
      'broker',
      'definitions',
      'inventory',
      'payment',
      'customer',
      'notification',
      'logging',
    ]);
  });

  test('the API describes itself', async () => {
    const description = (await (await client.get(`/openapi.json`)).json()) as {
      paths: object;
    };
    expect(Object.keys(description.paths)).toEqual(
      expect.arrayContaining(['/orders', '/orders/{id}', '/books', '/readyz']),
    );
    expect((await client.get(`/docs`)).status).toBe(200);
  });
});
