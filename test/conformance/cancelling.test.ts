// Goal: an order that is taken back, or given up, leaves nothing behind. Method: audits of the databases.
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { OrderView, type OrderDetail } from '../../src/contracts/orders.ts';
import { liveClock, liveIds } from '../../src/kernel/live.ts';
import { changeRows } from '../support/database.ts';
import { armFaults } from '../support/faults.ts';
import { ShopClient } from '../support/shop-client.ts';
import { openShop, type ShopService, type TestShop } from '../support/shop.ts';

const PRICE_CENTS = 1_250;
/** Longer than three attempts take. */
const LATE_MS = 8_000;

const events = (seen: OrderDetail): string[] => seen.timeline.map((each) => each.event);

/** Nothing is left of the order: no copy held or sold, no money kept, no history, and the customer knows. */
async function expectUndone(client: ShopClient, id: string, book: number): Promise<OrderDetail> {
  await client.reach(id, 'cancelled');
  const seen = await client.closed(id);
  expect(seen).toMatchObject({ status: 'cancelled', reason: 'cancelled-by-customer', open: false });
  const shelf = await client.shelf(book);
  expect(shelf).toMatchObject({ onHand: shelf.initial, held: 0, sold: 0, holds: [] });
  const kept = (await client.paid([id])).map((each) => each.capturedCents - each.refundedCents);
  expect(kept.filter((cents) => cents !== 0)).toEqual([]);
  expect(await client.standing([id])).toEqual([]);
  expect(await client.letters(id)).toContain('cancellation');
  return seen;
}

describe('a cancelled order', () => {
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

  /** Runs `meanwhile` with a service stopped, as with one that an operator restarts. */
  async function withStopped(service: ShopService, meanwhile: () => Promise<void>): Promise<void> {
    await shop.stop(service);
    try {
      await meanwhile();
    } finally {
      await shop.start(service);
    }
  }

  test('that was confirmed is refunded, its copies are back, its history marked, a letter sent', async () => {
    const book = await client.stock(3);
    const { id } = await client.order({ book, quantity: 2, customerId: 'hatter' });
    expect(await client.closed(id)).toMatchObject({ status: 'confirmed', open: false });
    const response = await client.cancel(id);
    expect(response.status).toBe(200);
    expect(OrderView.parse(await response.json())).toMatchObject({ id, status: 'cancelled' });
    const seen = await expectUndone(client, id, book);
    expect(events(seen).slice(-6)).toEqual([
      'cancel-requested',
      'unrecorded',
      'refunded',
      'released',
      'cancelled',
      'notified',
    ]);
    expect(await client.paid([id])).toEqual([
      {
        orderId: id,
        state: 'REFUNDED',
        capturedCents: 2 * PRICE_CENTS,
        refundedCents: 2 * PRICE_CENTS,
        captures: 1,
      },
    ]);
    expect(await client.letters(id)).toEqual(['cancellation', 'invoice']);
    const { orders } = (await (await client.get('/customers/hatter')).json()) as {
      orders: { orderId: string; cancelledAt?: number }[];
    };
    const entry = orders.find((each) => each.orderId === id);
    expect(entry?.cancelledAt).toBeGreaterThan(seen.placedAt);
  });

  test('is cancelled once, however often that is asked for, one after the other and at once', async () => {
    const book = await client.stock(1);
    const { id } = await client.order({ book });
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.cancel(id)));
    answers.push(await client.cancel(id));
    expect(new Set(answers.map((each) => each.status))).toEqual(new Set([200]));
    const seen = await expectUndone(client, id, book);
    expect(events(seen).filter((each) => each === 'refunded')).toHaveLength(1);
    expect(await client.paid([id])).toMatchObject([{ captures: 1, refundedCents: PRICE_CENTS }]);
  });

  test('whose copies nobody set aside yet holds none, also when the warehouse comes back', async () => {
    const book = await client.stock(1);
    let id = '';
    await withStopped('inventory', async () => {
      id = await client.begin({ book });
      const response = await client.cancel(id, 0);
      expect(response.status).toBe(202);
      expect(await response.json()).toMatchObject({ status: 'releasing' });
    });
    const seen = await expectUndone(client, id, book);
    expect(events(seen)).toEqual([
      'accepted',
      'cancel-requested',
      'released',
      'cancelled',
      'notified',
    ]);
    expect(await client.paid([id])).toEqual([]);
    expect(await client.letters(id)).toEqual(['cancellation']);
  });

  test('whose card is slow is never charged', async () => {
    const book = await client.stock(1);
    const id = await client.begin({ book, token: 'tok_late_answer' });
    await client.reach(id, 'charging');
    expect((await client.cancel(id)).status).toBe(200);
    const seen = await expectUndone(client, id, book);
    expect(events(seen)).not.toContain('charged');
    // Also after the card's time: the provider does not capture what was voided.
    await expect
      .poll(() => liveClock.now() - seen.placedAt, { interval: 200 })
      .toBeGreaterThan(3_500);
    expect(await client.paid([id])).toMatchObject([{ state: 'VOIDED', captures: 0 }]);
  });

  test('that was charged without our knowing gets the money back', async () => {
    const run = `run-${liveIds.hex(4)}`;
    const book = await client.stock(1);
    await armFaults(shop.visitor, 'payment', {
      run,
      message: 'payment.charge',
      point: 'reply',
      action: { verb: 'delay', minMs: 2_000, maxMs: 2_000 },
    });
    const id = await client.begin({ book, run });
    await client.reach(id, 'charging');
    await expect
      .poll(async () => (await client.paid([id])).map((each) => each.state))
      .toEqual(['CAPTURED']);
    expect((await client.cancel(id)).status).toBe(200);
    const seen = await expectUndone(client, id, book);
    expect(events(seen)).toContain('voided');
    expect(await client.paid([id])).toMatchObject([
      { state: 'VOIDED', capturedCents: PRICE_CENTS, refundedCents: PRICE_CENTS, captures: 1 },
    ]);
  });

  test('whose charge waits for payment to come back is voided before it is made', async () => {
    const book = await client.stock(1);
    let id = '';
    await withStopped('payment', async () => {
      id = await client.begin({ book });
      await client.reach(id, 'charging');
      const response = await client.cancel(id, 0);
      expect(await response.json()).toMatchObject({ status: 'resolving' });
    });
    await expectUndone(client, id, book);
  });

  test('that is being settled is completed first, then taken back', async () => {
    const book = await client.stock(1);
    const id = await client.begin({ book, token: 'tok_late_answer' });
    await client.reach(id, 'charging');
    await withStopped('customer', async () => {
      await client.reach(id, 'settling');
      const response = await client.cancel(id, 0);
      expect(response.status).toBe(202);
      expect(await response.json()).toMatchObject({
        status: 'settling',
        reason: 'cancelled-by-customer',
      });
      await expect.poll(() => client.shelf(book)).toMatchObject({ sold: 1 });
    });
    const seen = await expectUndone(client, id, book);
    expect(events(seen)).toEqual(expect.arrayContaining(['recorded', 'unrecorded', 'refunded']));
    expect(events(seen)).not.toContain('confirmed');
    expect(await client.letters(id)).toEqual(['cancellation']);
  });

  test('is not one that was rejected, nor one that nobody knows', async () => {
    const rejected = await client.order({ token: 'tok_card_declined' });
    const refused = await client.cancel(rejected.id);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({
      error: { code: 'not-cancellable', details: { orderId: rejected.id } },
    });
    expect((await client.cancel(randomUUID())).status).toBe(404);
  });
});

describe('an order over its budget', () => {
  test('whose payment answers too late is voided: the money is back, and the late answer changes nothing', async () => {
    await using shop = await openShop();
    await using client = await ShopClient.open(shop);
    const run = `run-${liveIds.hex(4)}`;
    const book = await client.stock(1);
    await armFaults(shop.visitor, 'payment', {
      run,
      message: 'payment.charge',
      point: 'reply',
      action: { verb: 'delay', minMs: LATE_MS, maxMs: LATE_MS },
    });
    const begunAt = liveClock.elapsed();
    const id = await client.begin({ book, run });
    await client.reach(id, 'charging');
    // Forty seconds ago, as far as anybody can tell.
    await changeRows(shop.settings, 'mediator', 'UPDATE saga SET created_at = created_at - 40000');
    const seen = await client.closed(id);
    expect(seen).toMatchObject({ status: 'rejected', reason: 'charge-timeout', open: false });
    expect(events(seen)).toEqual([
      'accepted',
      'reserved',
      'timed-out',
      'voided',
      'released',
      'rejected',
      'notified',
    ]);
    await expect
      .poll(() => liveClock.elapsed() - begunAt, { interval: 500 })
      .toBeGreaterThan(LATE_MS + 2_000);
    expect(await client.find(id)).toEqual(seen);
    expect(await client.paid([id])).toMatchObject([
      { state: 'VOIDED', capturedCents: PRICE_CENTS, refundedCents: PRICE_CENTS, captures: 1 },
    ]);
    expect(await client.shelf(book)).toMatchObject({ onHand: 1, held: 0, sold: 0 });
    expect(await client.standing([id])).toEqual([]);
  });
});
