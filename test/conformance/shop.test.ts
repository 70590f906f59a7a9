// Goal: the shop keeps its promises on any broker and database. Method: its own HTTP API, and audits of the databases.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import * as customer from '../../src/contracts/customer.ts';
import * as inventory from '../../src/contracts/inventory.ts';
import { OrderDetail, OrderView, type JournalEntry } from '../../src/contracts/orders.ts';
import * as payment from '../../src/contracts/payment.ts';
import { liveIds } from '../../src/kernel/live.ts';
import { RpcClient } from '../../src/messaging/rpc-client.ts';
import { openShop, type TestShop } from '../support/shop.ts';

let shop: TestShop;
let rpc: RpcClient;

beforeAll(async () => {
  shop = await openShop();
  rpc = await RpcClient.open(shop.visitor);
});

afterAll(async () => {
  await rpc[Symbol.asyncDispose]();
  await shop[Symbol.asyncDispose]();
});

interface Asked {
  readonly book?: number;
  readonly quantity?: number;
  readonly customerId?: string;
  readonly token?: string;
  readonly key?: string;
}

const place = (asked: Asked = {}): Promise<Response> =>
  fetch(`${shop.url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': asked.key ?? liveIds.uuid() },
    body: JSON.stringify({
      customerId: asked.customerId ?? 'alice',
      lines: [{ bookId: asked.book ?? 42, quantity: asked.quantity ?? 1 }],
      payment: { kind: 'visa', token: asked.token ?? 'tok_visa' },
    }),
  });

const order = async (asked: Asked = {}): Promise<OrderView> => {
  const response = await place(asked);
  expect(response.status).toBe(201);
  return OrderView.parse(await response.json());
};

const detail = async (id: string): Promise<OrderDetail> =>
  OrderDetail.parse(await (await fetch(`${shop.url}/orders/${id}`)).json());

/** Reads the order's live events until its saga is closed. */
async function closed(id: string): Promise<OrderDetail> {
  const response = await fetch(`${shop.url}/orders/${id}/events`);
  await response.text();
  return detail(id);
}

const events = (seen: OrderDetail): string[] => seen.timeline.map((each) => each.event);

async function stock(copies: number): Promise<number> {
  const { bookIds } = await rpc.ask({
    service: 'inventory',
    contract: inventory.stockBooks,
    body: { books: [{ title: 'The Last Copy', author: 'Nobody', priceCents: 1_250, copies }] },
    answer: inventory.booksStocked,
    withinMs: 5_000,
  });
  return bookIds[0] ?? 0;
}

const shelf = async (bookId: number) => {
  const { books, holds } = await rpc.ask({
    service: 'inventory',
    contract: inventory.audit,
    body: { bookIds: [bookId] },
    answer: inventory.audited,
    withinMs: 5_000,
  });
  return { ...books[0], holds };
};

const paid = async (orderIds: readonly string[]) => {
  const { payments } = await rpc.ask({
    service: 'payment',
    contract: payment.audit,
    body: { orderIds: [...orderIds] },
    answer: payment.audited,
    withinMs: 5_000,
  });
  return payments;
};

describe('an order', () => {
  test('is confirmed: the copy is sold, the money captured, the history written, the mail sent', async () => {
    const bookId = await stock(5);
    const placed = await order({ book: bookId, quantity: 2, customerId: 'hatter' });
    const seen = await closed(placed.id);
    expect(seen).toMatchObject({ status: 'confirmed', open: false, totalCents: 2_500 });
    expect(events(seen).slice(0, 3)).toEqual(['accepted', 'reserved', 'charged']);
    expect(events(seen).slice(3, 5).toSorted()).toEqual(['committed', 'recorded']);
    expect(events(seen).slice(5)).toEqual(['confirmed', 'notified']);
    expect(await shelf(bookId)).toMatchObject({
      initial: 5,
      onHand: 3,
      held: 0,
      sold: 2,
      holds: [],
    });
    expect(await paid([placed.id])).toMatchObject([
      { state: 'CAPTURED', capturedCents: 2_500, captures: 1 },
    ]);
    const found = await (await fetch(`${shop.url}/customers/hatter`)).json();
    expect(customer.found.body.parse(found).orders[0]).toMatchObject({ orderId: placed.id });
    const mails = (await (await fetch(`${shop.url}/mails?order=${placed.id}`)).json()) as {
      mails: unknown[];
    };
    expect(mails.mails).toHaveLength(1);
  });

  test('whose card is declined is undone: the copy is back, no money moved, the customer told', async () => {
    const bookId = await stock(1);
    const placed = await order({ book: bookId, token: 'tok_insufficient_funds' });
    const seen = await closed(placed.id);
    expect(seen).toMatchObject({ status: 'rejected', reason: 'insufficient_funds' });
    expect(events(seen)).toEqual([
      'accepted',
      'reserved',
      'declined',
      'released',
      'rejected',
      'notified',
    ]);
    expect(await shelf(bookId)).toMatchObject({ onHand: 1, held: 0, sold: 0, holds: [] });
    expect(await paid([placed.id])).toMatchObject([
      { state: 'DECLINED', capturedCents: 0, captures: 0 },
    ]);
  });

  test('for more copies than there are is rejected before any money moves', async () => {
    const placed = await order({ book: await stock(1), quantity: 2 });
    const seen = await closed(placed.id);
    expect(seen).toMatchObject({ status: 'rejected', reason: 'out-of-stock' });
    expect(await paid([placed.id])).toEqual([]);
  });

  test('for a book that nobody knows is rejected', async () => {
    expect(await order({ book: 4_242 })).toMatchObject({
      status: 'rejected',
      reason: 'unknown-book',
    });
  });

  test('whose provider never answers is given up: voided, released, rejected', async () => {
    const bookId = await stock(1);
    const placed = await place({ book: bookId, token: 'tok_provider_error' });
    const seen = await closed(OrderView.parse(await placed.json()).id);
    expect(seen).toMatchObject({ status: 'rejected', reason: 'charge-failed' });
    expect(events(seen).slice(-4)).toEqual(['voided', 'released', 'rejected', 'notified']);
    expect(await shelf(bookId)).toMatchObject({ onHand: 1, held: 0 });
  });
});

describe('the last copy', () => {
  test('goes to exactly one of fifty customers, and nobody else pays', async () => {
    const bookId = await stock(1);
    const orders = await Promise.all(Array.from({ length: 50 }, () => order({ book: bookId })));
    const seen = await Promise.all(orders.map((each) => closed(each.id)));
    expect(seen.filter((each) => each.status === 'confirmed')).toHaveLength(1);
    expect(seen.filter((each) => each.status === 'rejected')).toHaveLength(49);
    expect(await shelf(bookId)).toMatchObject({ onHand: 0, held: 0, sold: 1 });
    const captured = (await paid(orders.map((each) => each.id))).reduce(
      (sum, each) => sum + each.capturedCents,
      0,
    );
    expect(captured).toBe(1_250);
  });
});

describe('the idempotency key', () => {
  test('makes a hundred equal requests one order with a hundred equal answers', async () => {
    const bookId = await stock(100);
    const key = liveIds.uuid();
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => order({ book: bookId, key })),
    );
    expect(new Set(answers.map((each) => each.id)).size).toBe(1);
    await closed(answers[0]?.id ?? '');
    expect(await shelf(bookId)).toMatchObject({ onHand: 99, sold: 1 });
  });

  test('of another order is a conflict', async () => {
    const key = liveIds.uuid();
    await order({ key });
    const response = await place({ key, quantity: 2 });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ error: { code: 'idempotency-conflict' } });
  });

  test('is required', async () => {
    const response = await place({ key: '' });
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
      const response = await place(asked);
      expect(response.status).toBe(status);
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({ error: { code } });
      expect(text).not.toContain('4242424242424242');
    },
  );
});

describe('looking at it', () => {
  test('live events come in order, each once, and end with the saga', async () => {
    const placed = await order();
    const text = await (await fetch(`${shop.url}/orders/${placed.id}/events`)).text();
    const entries = [...text.matchAll(/^data: (.*)$/gm)].map(
      ([, json]) => JSON.parse(json ?? '') as JournalEntry,
    );
    expect(entries.map((each) => each.seq)).toEqual(entries.map((_, index) => index + 1));
    expect(entries.map((each) => each.open)).toEqual([...entries.slice(1).map(() => true), false]);
  });

  test('books, customers and orders are listed; what does not exist is 404', async () => {
    const books = inventory.booksListed.body.parse(
      await (await fetch(`${shop.url}/books?search=hitchhiker`)).json(),
    );
    expect(books.books.map((each) => each.id)).toContain(42);
    expect((await fetch(`${shop.url}/books/4242`)).status).toBe(404);
    expect((await fetch(`${shop.url}/customers/nobody`)).status).toBe(404);
    expect((await fetch(`${shop.url}/orders/${liveIds.uuid()}`)).status).toBe(404);
    const listed = (await (await fetch(`${shop.url}/orders?limit=3`)).json()) as {
      orders: OrderView[];
    };
    expect(listed.orders).toHaveLength(3);
  });

  test('it is ready when every service answers the canary', async () => {
    const ready = (await (await fetch(`${shop.url}/readyz`)).json()) as {
      ready: boolean;
      checks: { name: string }[];
    };
    expect(ready.ready).toBe(true);
    expect(ready.checks.map((each) => each.name)).toEqual([
      'database',
      'broker',
      'inventory',
      'payment',
      'customer',
      'notification',
      'logging',
    ]);
  });

  test('the API describes itself', async () => {
    const description = (await (await fetch(`${shop.url}/openapi.json`)).json()) as {
      paths: object;
    };
    expect(Object.keys(description.paths)).toEqual(
      expect.arrayContaining(['/orders', '/orders/{id}', '/books', '/readyz']),
    );
    expect((await fetch(`${shop.url}/docs`)).status).toBe(200);
  });
});
