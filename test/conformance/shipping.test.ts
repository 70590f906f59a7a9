// Goal: an order is shipped when its time has come, and never both shipped and taken back. Method: audits of the databases.
import { describe, expect, test } from 'vitest';

import type { OrderDetail } from '../../src/contracts/orders.ts';
import { liveClock, liveIds, liveRandom } from '../../src/kernel/live.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { ShopClient } from '../support/shop-client.ts';
import { openShop } from '../support/shop.ts';

const RACES = 50;
/** Of which so many come long before shipping, and as many after it. */
const SURE = 5;
const SHIP_AFTER_MS = 600;
/** The others come at most this long before or after its time. */
const SPREAD_MS = 150;
const seed = liveRandom.integer(1, 1_000_000);

const events = (seen: OrderDetail): string[] => seen.timeline.map((each) => each.event);

/** Waits for the order to rest, and then until this long after (before, when negative) its time to be shipped. */
async function untilShipping(client: ShopClient, id: string, afterMs: number): Promise<void> {
  const shipsAt = async (): Promise<number | undefined> => {
    const { status, shipsAt: dueAt } = await client.find(id);
    return status === 'shipped' ? 0 : dueAt;
  };
  const dueAt = await expect.poll(shipsAt).toBeDefined().then(shipsAt);
  await liveClock.sleep(Math.max(0, (dueAt ?? 0) + afterMs - liveClock.now()));
}

describe('shipping', () => {
  test('ends the time for cancelling: the customer gets the note, the books stay sold', async () => {
    await using shop = await openShop([], { shipAfterMs: SHIP_AFTER_MS });
    await using client = await ShopClient.open(shop);
    const book = await client.stock(1);
    const { id } = await client.order({ book });
    await client.reach(id, 'shipped');
    const refused = await client.cancel(id);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({
      error: { code: 'not-cancellable', details: { orderId: id, status: 'shipped' } },
    });
    const seen = await client.closed(id);
    expect(seen).toMatchObject({ status: 'shipped', open: false });
    expect(events(seen).slice(-4)).toEqual(['confirmed', 'notified', 'shipped', 'notified']);
    expect(seen.shipsAt).toBeUndefined();
    expect(await client.letters(id)).toEqual(['invoice', 'shipping']);
    expect(await client.shelf(book)).toMatchObject({ onHand: 0, sold: 1 });
    expect(await client.paid([id])).toMatchObject([{ state: 'CAPTURED', refundedCents: 0 }]);
    expect(await client.standing([id])).toEqual([id]);
  });

  test('is done by another mediator when the one that confirmed the order is gone', async () => {
    await using shop = await openShop([], { shipAfterMs: 2_000 });
    await using client = await ShopClient.open(shop);
    const { id } = await client.order();
    const seen = await client.closed(id);
    expect(seen).toMatchObject({ status: 'confirmed' });
    expect(seen.shipsAt).toBeGreaterThan(seen.updatedAt);
    await shop.stop('mediator');
    await using other = await ShopClient.open(shop, await shop.openMediator());
    await other.reach(id, 'shipped');
    expect(await other.closed(id)).toMatchObject({ status: 'shipped', open: false });
    expect(await other.letters(id)).toEqual(['invoice', 'shipping']);
  });

  test('comes when an order of a scenario run says so; any other order ships as everywhere in the shop', async () => {
    await using shop = await openShop();
    await using client = await ShopClient.open(shop);
    const run = `run-${liveIds.hex(4)}`;
    const ofRun = await client.order({ run, policy: { shipAfterMs: 100 } });
    const other = await client.order({ policy: { shipAfterMs: 100 } });
    await client.reach(ofRun.id, 'shipped');
    const { status, shipsAt } = await client.closed(other.id);
    expect(status).toBe('confirmed');
    expect(shipsAt).toBeGreaterThan(other.placedAt + shop.settings.shipAfterMs);
  });

  test(`races ${RACES} cancels at two mediators: each order is shipped or cancelled, and stock and money agree (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    await using shop = await openShop([], { shipAfterMs: SHIP_AFTER_MS });
    await using client = await ShopClient.open(shop);
    await using other = await ShopClient.open(shop, await shop.openMediator());
    const book = await client.stock(RACES);
    const raced = Array.from({ length: RACES }, async (_, index) => {
      const { id } = await client.order({ book });
      if (index >= SURE) await untilShipping(client, id, random.integer(-SPREAD_MS, SPREAD_MS));
      if (index >= RACES - SURE) await client.reach(id, 'shipped');
      const { status } = await (index % 2 === 0 ? client : other).cancel(id);
      if (status !== 202) return { id, status };
      // Accepted, but on a busy machine not done when the wait was over.
      await client.reach(id, 'cancelled');
      return { id, status: 200 };
    });
    const answers = await Promise.all(raced);
    expect(answers.filter(({ status }) => status !== 200 && status !== 409)).toEqual([]);
    const idsOf = (status: number): string[] =>
      answers
        .filter((each) => each.status === status)
        .map(({ id }) => id)
        .toSorted();
    const [cancelled, shipped] = [idsOf(200), idsOf(409)];
    expect(cancelled.length).toBeGreaterThan(0);
    expect(shipped.length).toBeGreaterThanOrEqual(SURE);
    for (const id of shipped) await client.reach(id, 'shipped');
    const seen = await Promise.all([...cancelled, ...shipped].map((id) => client.closed(id)));
    expect(seen.map((each) => each.status)).toEqual([
      ...cancelled.map(() => 'cancelled'),
      ...shipped.map(() => 'shipped'),
    ]);
    for (const each of seen) {
      const ends = events(each).filter((event) => event === 'shipped' || event === 'cancelled');
      expect(ends).toEqual([each.status]);
    }
    expect(await client.shelf(book)).toMatchObject({
      onHand: cancelled.length,
      held: 0,
      sold: shipped.length,
    });
    const paid = await client.paid(answers.map(({ id }) => id));
    expect(paid.every((each) => each.captures === 1)).toBe(true);
    const kept = paid.filter((each) => each.capturedCents > each.refundedCents);
    expect(kept.map((each) => each.orderId).toSorted()).toEqual(shipped);
    expect((await client.standing(answers.map(({ id }) => id))).toSorted()).toEqual(shipped);
    for (const { id, status } of seen) {
      const last = status === 'shipped' ? 'shipping' : 'cancellation';
      const letters = await client.letters(id);
      expect(letters.filter((each) => each !== 'invoice')).toEqual([last]);
    }
  });
});
