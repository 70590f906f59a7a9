// Goal: money is kept or given back, never both, when "charged" comes long after the mediator gave up waiting.
// Method: answers of the payment service that are held back, and budgets on either side of that delay.
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { OrderDetail, OrderPolicy } from '../../src/contracts/orders.ts';
import { liveIds } from '../../src/kernel/live.ts';
import { armFaults } from '../support/faults.ts';
import { ShopClient } from '../support/shop-client.ts';
import { openShop, type TestShop } from '../support/shop.ts';
import { watchedPart } from '../support/watched-part.ts';

const PRICE_CENTS = 1_250;
const DELAY_MS = 2_000;
/** Asks again after 0.2, 0.4, 0.8 s …: several times before the first answer comes. */
const PATIENCE: OrderPolicy = { paymentTimeoutMs: 200 };

const [came, acked]: [string[], string[]] = [[], []];
let shop: TestShop;
let client: ShopClient;

beforeAll(async () => {
  const count = { all: 0, again: [], came, acked };
  shop = await openShop([], {}, (part) => watchedPart(part, count));
  client = await ShopClient.open(shop);
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await shop[Symbol.asyncDispose]();
});

interface Late {
  /** How many of the answers are late; absent: all. */
  readonly times?: number;
  readonly policy: OrderPolicy;
}

/** An order whose charge is captured at once and answered late. It is looked at when every answer was heard. */
async function order({ times, policy }: Late): Promise<{ seen: OrderDetail; book: number }> {
  came.length = 0;
  acked.length = 0;
  const run = `run-${liveIds.hex(4)}`;
  const action = { verb: 'delay', minMs: DELAY_MS, maxMs: DELAY_MS } as const;
  const place = { run, message: 'payment.charge', point: 'reply' } as const;
  await armFaults(shop.visitor, 'payment', { ...place, action, ...(times && { times }) });
  const book = await client.stock(1, PRICE_CENTS);
  const id = await client.begin({ run, book, policy });
  await client.closed(id);
  const unheard = (): number => countOf(came, 'payment.charge') - countOf(acked, 'payment.charged');
  await expect.poll(unheard).toBe(0);
  expect(countOf(acked, 'payment.charged')).toBeGreaterThan(1);
  return { seen: await client.find(id), book };
}

const countOf = (types: readonly string[], type: string): number =>
  types.filter((each) => each === type).length;

const events = ({ timeline }: OrderDetail): string[] => timeline.map(({ event }) => event);

const CONFIRMED = ['charged', 'committed', 'confirmed', 'notified', 'recorded'];
const GIVEN_UP = ['timed-out', 'voided', 'released', 'rejected', 'notified'];

test('one late answer: the one to the next asking counts, and the late one changes nothing', async () => {
  const { seen, book } = await order({ times: 1, policy: PATIENCE });
  expect(seen.status).toBe('confirmed');
  expect(events(seen).slice(2).toSorted()).toEqual(CONFIRMED);
  expect(seen.updatedAt - seen.placedAt).toBeLessThan(DELAY_MS);
  expect(await client.paid([seen.id])).toMatchObject([
    { state: 'CAPTURED', captures: 1, capturedCents: PRICE_CENTS, refundedCents: 0 },
  ]);
  expect(await client.shelf(book)).toMatchObject({ onHand: 0, held: 0, sold: 1 });
});

test('all answers late, after the order had to be decided: the charge is voided, and the money is back', async () => {
  const { seen, book } = await order({ policy: { ...PATIENCE, decideWithinMs: 1_000 } });
  expect(seen).toMatchObject({ status: 'rejected', reason: 'charge-timeout' });
  expect(events(seen).slice(2)).toEqual(GIVEN_UP);
  expect(await client.paid([seen.id])).toMatchObject([
    { state: 'VOIDED', captures: 1, capturedCents: PRICE_CENTS, refundedCents: PRICE_CENTS },
  ]);
  expect(await client.shelf(book)).toMatchObject({ onHand: 1, held: 0, sold: 0 });
  expect(await client.standing([seen.id])).toEqual([]);
});

test('all answers late, but in time for the decision: the money is kept, once', async () => {
  const { seen, book } = await order({ policy: { ...PATIENCE, decideWithinMs: 20_000 } });
  expect(seen.status).toBe('confirmed');
  expect(events(seen).slice(2).toSorted()).toEqual(CONFIRMED);
  expect(seen.updatedAt - seen.placedAt).toBeGreaterThan(DELAY_MS);
  expect(await client.paid([seen.id])).toMatchObject([
    { state: 'CAPTURED', captures: 1, capturedCents: PRICE_CENTS, refundedCents: 0 },
  ]);
  expect(await client.shelf(book)).toMatchObject({ onHand: 0, held: 0, sold: 1 });
});
