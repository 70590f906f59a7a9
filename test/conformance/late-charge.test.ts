// Goal: money is kept or given back, never both, when "charged" comes long after the mediator gave up waiting.
// Method: answers of the payment service that are held back, and budgets on either side of that delay.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { OrderDetail, OrderPolicy } from '../../src/contracts/orders.ts';
import { Passage, RUNS_DIRECTORY } from '../../src/contracts/passages.ts';
import { liveIds } from '../../src/kernel/live.ts';
import { armFaults } from '../support/faults.ts';
import { ShopClient } from '../support/shop-client.ts';
import { openShop, type TestShop } from '../support/shop.ts';
import { watchedPart } from '../support/watched-part.ts';

const PRICE_CENTS = 1_250;
const DELAY_MS = 2_000;
/** So long after an order of a second had to be decided that no busy machine decides it later. */
const LONG_DELAY_MS = 7_000;
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
  readonly delayMs?: number;
  /** How many of the answers are late; absent: all. */
  readonly times?: number;
  readonly policy: OrderPolicy;
}

interface Ended {
  readonly seen: OrderDetail;
  readonly book: number;
  /** How many answers came, and how many of them the mediator took for nothing. */
  readonly answers: number;
  readonly stale: number;
}

/** An order whose charge is captured at once and answered late. It is looked at when every answer was heard. */
async function order({ delayMs = DELAY_MS, times, policy }: Late): Promise<Ended> {
  came.length = 0;
  acked.length = 0;
  const run = `run-${liveIds.hex(4)}`;
  const recorded = path.join(shop.settings.dataDir ?? '', RUNS_DIRECTORY, run);
  await mkdir(recorded, { recursive: true });
  const action = { verb: 'delay', minMs: delayMs, maxMs: delayMs } as const;
  const place = { run, message: 'payment.charge', point: 'reply' } as const;
  await armFaults(shop.visitor, 'payment', { ...place, action, ...(times && { times }) });
  const book = await client.stock(1, PRICE_CENTS);
  const id = await client.begin({ run, book, policy });
  await client.closed(id);
  const unheard = (): number => countOf(came, 'payment.charge') - countOf(acked, 'payment.charged');
  await expect.poll(unheard).toBe(0);
  const answers = countOf(acked, 'payment.charged');
  expect(answers).toBeGreaterThan(1);
  return { seen: await client.find(id), book, answers, stale: await staleIn(recorded) };
}

/** Answers to charges that the mediators of a recorded run wrote down as duplicates. */
async function staleIn(recorded: string): Promise<number> {
  const files = (await readdir(recorded)).filter((each) => each.startsWith('mediator'));
  const texts = await Promise.all(files.map((each) => readFile(path.join(recorded, each), 'utf8')));
  const lines = texts.flatMap((text) => text.trimEnd().split('\n'));
  const passages = lines.map((line) => Passage.parse(JSON.parse(line)));
  return passages.filter(
    ({ kind, message }) => kind === 'duplicate' && message === 'payment.charged',
  ).length;
}

const countOf = (types: readonly string[], type: string): number =>
  types.filter((each) => each === type).length;

const events = ({ timeline }: OrderDetail): string[] => timeline.map(({ event }) => event);

const CONFIRMED = ['charged', 'committed', 'confirmed', 'notified', 'recorded'];
const GIVEN_UP = ['timed-out', 'voided', 'released', 'rejected', 'notified'];

test('one late answer: the one to the next asking counts, and the late one changes nothing', async () => {
  const { seen, book, answers, stale } = await order({ times: 1, policy: PATIENCE });
  expect(seen.status).toBe('confirmed');
  expect(stale).toBe(answers - 1);
  expect(events(seen).slice(2).toSorted()).toEqual(CONFIRMED);
  expect(await client.paid([seen.id])).toMatchObject([
    { state: 'CAPTURED', captures: 1, capturedCents: PRICE_CENTS, refundedCents: 0 },
  ]);
  expect(await client.shelf(book)).toMatchObject({ onHand: 0, held: 0, sold: 1 });
});

test('all answers late, after the order had to be decided: the charge is voided, and the money is back', async () => {
  const policy = { ...PATIENCE, decideWithinMs: 1_000 };
  const { seen, book, answers, stale } = await order({ delayMs: LONG_DELAY_MS, policy });
  expect(stale).toBe(answers);
  expect(seen).toMatchObject({ status: 'rejected', reason: 'charge-timeout' });
  expect(events(seen).slice(2)).toEqual(GIVEN_UP);
  expect(await client.paid([seen.id])).toMatchObject([
    { state: 'VOIDED', captures: 1, capturedCents: PRICE_CENTS, refundedCents: PRICE_CENTS },
  ]);
  expect(await client.shelf(book)).toMatchObject({ onHand: 1, held: 0, sold: 0 });
  expect(await client.standing([seen.id])).toEqual([]);
});

test('all answers late, but in time for the decision: the money is kept, once', async () => {
  const policy = { ...PATIENCE, decideWithinMs: 20_000 };
  const { seen, book, answers, stale } = await order({ policy });
  expect(seen.status).toBe('confirmed');
  expect(stale).toBe(answers - 1);
  expect(events(seen).slice(2).toSorted()).toEqual(CONFIRMED);
  expect(seen.updatedAt - seen.placedAt).toBeGreaterThan(DELAY_MS);
  expect(await client.paid([seen.id])).toMatchObject([
    { state: 'CAPTURED', captures: 1, capturedCents: PRICE_CENTS, refundedCents: 0 },
  ]);
  expect(await client.shelf(book)).toMatchObject({ onHand: 0, held: 0, sold: 1 });
});
