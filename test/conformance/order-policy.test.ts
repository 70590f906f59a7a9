// Goal: an order of a run is waited for as its policy says, and no other order is. Method: parts that stay away for a while.
import { expect, test } from 'vitest';
import { z } from 'zod';

import { OrderView, type OrderDetail, type Waiting } from '../../src/contracts/orders.ts';
import { labelOf } from '../../src/contracts/run-label.ts';
import { liveIds } from '../../src/kernel/live.ts';
import { ShopClient } from '../support/shop-client.ts';
import { openShop } from '../support/shop.ts';

/** What an order without a policy waits at least before it asks again. */
const DEFAULT_PATIENCE_MS = 1_000;

const newRun = (): string => `run-${liveIds.hex(4)}`;
const events = ({ timeline }: OrderDetail): string[] => timeline.map(({ event }) => event);

async function waitingOf(client: ShopClient, id: string): Promise<Waiting> {
  const { waiting } = await client.find(id);
  if (waiting === undefined) throw new Error('it waits for nothing');
  return waiting;
}

test('a part is asked again as soon as the policy says; any other order waits as ever', async () => {
  await using shop = await openShop(['payment']);
  await using client = await ShopClient.open(shop);
  const policy = { paymentTimeoutMs: 300, retryAtMostMs: 300 };
  const hasty = await client.begin({ run: labelOf(newRun(), 'o1'), policy });
  const others = [
    await client.begin({ run: newRun() }),
    // Without a run it is an order like any other.
    await client.begin({ policy }),
  ];
  await client.reach(hasty, 'charging');
  for (const id of others) await client.reach(id, 'charging');
  // With the usual pauses the fifth command goes out after fifteen seconds, at the earliest.
  const attempt = async (): Promise<number> => (await waitingOf(client, hasty)).attempt;
  await expect.poll(attempt, { timeout: 14_000 }).toBeGreaterThanOrEqual(5);
  for (const id of others) {
    const { since, nextAttemptAt } = await waitingOf(client, id);
    expect(nextAttemptAt - since).toBeGreaterThanOrEqual(DEFAULT_PATIENCE_MS);
  }
  await shop.start('payment');
  const all = [hasty, ...others];
  for (const id of all) expect((await client.closed(id)).status).toBe('confirmed');
  expect((await client.paid(all)).map(({ captures }) => captures)).toEqual([1, 1, 1]);
});

test('where faults are not allowed no customer makes the shop less patient', async () => {
  await using shop = await openShop(['payment'], { faultsAllowed: false });
  await using client = await ShopClient.open(shop);
  const policy = { paymentTimeoutMs: 10, retryAtMostMs: 10, decideWithinMs: 10 };
  const id = await client.begin({ run: labelOf(newRun(), 'o1'), policy });
  await client.reach(id, 'charging');
  const { since, nextAttemptAt } = await waitingOf(client, id);
  expect(nextAttemptAt - since).toBeGreaterThanOrEqual(DEFAULT_PATIENCE_MS);
});

test('an order that is not decided in its own time is given up, and what may have happened is undone', async () => {
  await using shop = await openShop(['payment']);
  await using client = await ShopClient.open(shop);
  const book = await client.stock(1);
  const policy = { decideWithinMs: 700 };
  const id = await client.begin({ run: newRun(), book, policy });
  await client.reach(id, 'resolving');
  await shop.start('payment');
  const seen = await client.closed(id);
  expect(seen).toMatchObject({ status: 'rejected', reason: 'charge-timeout' });
  const ends = ['timed-out', 'voided', 'released', 'rejected', 'notified'];
  expect(events(seen)).toEqual(['accepted', 'reserved', ...ends]);
  const given = seen.timeline.find(({ event }) => event === 'timed-out');
  expect((given?.at ?? 0) - seen.placedAt).toBeGreaterThan(policy.decideWithinMs);
  expect(await client.shelf(book)).toMatchObject({ onHand: 1, held: 0, sold: 0 });
});

test('a policy or a label that makes no sense is refused, and says where', async () => {
  await using shop = await openShop();
  await using client = await ShopClient.open(shop);
  const place = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${shop.url}/orders?wait=0`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': liveIds.uuid(),
        'wonderland-run': newRun(),
        ...headers,
      },
      body: JSON.stringify({
        customerId: 'alice',
        lines: [{ bookId: 42, quantity: 1 }],
        payment: { kind: 'visa', token: 'tok_visa' },
      }),
    });
  const wrong = [
    ['wonderland-policy', '{'],
    ['wonderland-policy', '[]'],
    ['wonderland-policy', '{"paymentTimeoutMs":"5s"}'],
    ['wonderland-policy', '{"paymentTimeoutMs":0}'],
    ['wonderland-policy', '{"decideWithinMs":1e12}'],
    ['wonderland-policy', '{"paymentTimeout":500}'],
    ['wonderland-policy', `{"shipAfterMs":1${' '.repeat(1_000)}}`],
    ['wonderland-run', 'Run'],
    ['wonderland-run', '/o1'],
    ['wonderland-run', 'run/'],
    ['wonderland-run', `run/${'o'.repeat(100)}`],
  ] as const;
  for (const [name, value] of wrong) {
    const response = await place({ [name]: value });
    expect({ value, status: response.status }).toEqual({ value, status: 400 });
    const { error } = z.object({ error: z.unknown() }).parse(await response.json());
    expect(error).toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining(name),
    });
  }
  expect((await place({ 'wonderland-policy': '{}' })).status).toBe(202);
  expect((await place({ 'wonderland-run': `run/${'o'.repeat(96)}` })).status).toBe(202);
  const description = JSON.stringify(await (await client.get('/openapi.json')).json());
  expect(description).toContain('wonderland-policy');
});

test('the orders of a run are listed together, whatever their names in it', async () => {
  await using shop = await openShop();
  await using client = await ShopClient.open(shop);
  const run = newRun();
  const book = await client.stock(10);
  const labels = [labelOf(run, 'o1'), labelOf(run, 'o2'), labelOf(run, undefined)];
  const ids = await Promise.all(labels.map((label) => client.begin({ run: label, book })));
  await client.begin({ run: labelOf(`${run}-2`, 'o1'), book });
  await client.begin({ book });
  const answer: unknown = await (await client.get(`/orders?run=${run}`)).json();
  const { orders } = z.object({ orders: z.array(OrderView) }).parse(answer);
  expect(orders.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
});
