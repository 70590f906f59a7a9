/** Two of everything, and one of two killed or paused while orders are on their way. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ScaledShop } from './scaled-shop.ts';
import { StackHome } from './stack-home.ts';

const SERVICES = ['inventory', 'payment', 'customer', 'notification', 'logging', 'mediator'];
const TWO_OF_EACH = SERVICES.map((service) => `${service}=2`).join(',');
const COPIES = 20;

let home: StackHome;
let shop: ScaledShop;

beforeAll(async () => {
  home = await StackHome.open();
  await home.running('--scale', TWO_OF_EACH);
  const env = await environment();
  const mediatorUrls = [env['WONDERLAND_URL'] ?? '', env['WONDERLAND_MORE_URLS'] ?? ''];
  shop = await ScaledShop.open({ mediatorUrls, amqpUrl: env['WONDERLAND_AMQP_URL'] ?? '' });
});
afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

async function environment(): Promise<Record<string, string>> {
  const { stdout } = await home.cli(['env', '--json']);
  return (JSON.parse(stdout) as { result: Record<string, string> }).result;
}

/** Orders for more copies than there are; `meanwhile` runs while they are on their way. */
async function sell(orders: number, meanwhile: () => void): Promise<void> {
  const bookId = await shop.stock(COPIES);
  const placing = Array.from({ length: orders }, () => shop.place(bookId));
  await Promise.race(placing);
  meanwhile();
  const ids = await Promise.all(placing);
  const statuses: string[] = [];
  for (const id of ids) {
    await expect
      .poll(async () => (await shop.order(id))?.open, { timeout: 45_000, interval: 100 })
      .toBe(false);
    statuses.push((await shop.order(id))?.status ?? '');
  }
  await audit(bookId, ids, statuses);
}

async function audit(
  bookId: number,
  ids: readonly string[],
  statuses: readonly string[],
): Promise<void> {
  const confirmed = ids.filter((_, index) => statuses[index] === 'confirmed');
  const rejected = ids.filter((_, index) => statuses[index] === 'rejected');
  expect(confirmed.length + rejected.length).toBe(ids.length);
  expect(confirmed).toHaveLength(COPIES);
  const shelf = await shop.shelf(bookId);
  expect(shelf).toMatchObject({ onHand: 0, held: 0, sold: COPIES, holds: [] });
  const payments = await shop.paid(ids);
  const captured = payments.filter((each) => each.capturedCents > each.refundedCents);
  expect(captured.map((each) => each.orderId).toSorted()).toEqual(confirmed.toSorted());
  expect(captured.map((each) => each.captures)).toEqual(confirmed.map(() => 1));
}

/** The second instance of each service. */
async function pidsOfSeconds(): Promise<readonly number[]> {
  const { parts } = await home.status();
  return parts.flatMap(({ name, pid }) => (name.endsWith('-2') && pid !== undefined ? [pid] : []));
}

describe('two of each part', () => {
  test('are ready, with a port for each mediator', async () => {
    const { parts } = await home.status();
    const names = SERVICES.flatMap((service) => [service, `${service}-2`]);
    expect(parts.map(({ name }) => name)).toEqual(['broker', 'postgres', ...names]);
    expect(parts.map(({ state }) => state)).toEqual(parts.map(() => 'ready'));
    const env = await environment();
    expect(env['WONDERLAND_MORE_URLS']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(env['WONDERLAND_MORE_URLS']).not.toBe(env['WONDERLAND_URL']);
    expect(env['WONDERLAND_INVENTORY_URL']).toBe(env['WONDERLAND_DATABASE_URL']);
    const files = readdirSync(home.file('data'));
    expect(files.filter((file) => /^(inventory|payment)\.db/.test(file))).toEqual([]);
  });

  test('a mediator is killed: all orders end, stock and money are right', async () => {
    const pid = await home.pidOf('mediator');
    await sell(40, () => process.kill(pid, 'SIGKILL'));
    expect((await home.cli(['wait', 'mediator'])).code).toBe(0);
  });

  test('one of each is killed: all orders end, stock and money are right', async () => {
    const pids = await pidsOfSeconds();
    await sell(40, () => {
      for (const pid of pids) process.kill(pid, 'SIGKILL');
    });
    expect((await home.cli(['wait'])).code).toBe(0);
  });

  test('one of each is paused: all orders end without it, and nothing changes when it goes on', async () => {
    const pids = await pidsOfSeconds();
    try {
      await sell(30, () => {
        for (const pid of pids) process.kill(pid, 'SIGSTOP');
      });
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    expect((await home.cli(['wait'])).code).toBe(0);
    await sell(30, () => undefined);
  });

  test('`order` finds a mediator when the first is paused or dead', async () => {
    const pid = await home.pidOf('mediator');
    process.kill(pid, 'SIGSTOP');
    try {
      const run = await home.cli(['order', '--book', '42', '--no-wait']);
      expect(run).toMatchObject({ code: 0 });
    } finally {
      process.kill(pid, 'SIGKILL');
    }
    expect((await home.cli(['order', '--book', '42'])).code).toBe(0);
    await home.cli(['wait', 'mediator']);
  });

  test('`restart` takes them one after the other, or the one that is named', async () => {
    const pids = async () =>
      new Map((await home.status()).parts.map((part) => [part.name, part.pid]));
    const before = await pids();
    expect((await home.cli(['restart', 'payment-2'])).code).toBe(0);
    const one = await pids();
    expect(
      [...one].filter(([name, pid]) => before.get(name) !== pid).map(([name]) => name),
    ).toEqual(['payment-2']);
    const { stdout } = await home.cli(['restart', 'payment']);
    expect(stdout).toContain('payment, payment-2 are ready again');
  });

  test('`up --scale` changes a running stack, and touches nothing else', async () => {
    const before = await home.status();
    const run = await home.up('--scale', 'logging=1', '--scale', 'inventory=3,mediator=1');
    expect(run).toMatchObject({ code: 0 });
    expect(run.stdout).toContain('is scaled');
    const after = await home.status();
    const names = after.parts.map(({ name }) => name);
    expect(names).toContain('inventory-3');
    expect(names).not.toContain('mediator-2');
    expect(names).not.toContain('logging-2');
    const kept = after.parts.filter(({ name }) => name !== 'inventory-3');
    const pidBefore = new Map(before.parts.map((part) => [part.name, part.pid]));
    expect(kept.map(({ pid }) => pid)).toEqual(kept.map(({ name }) => pidBefore.get(name)));
    expect((await home.up()).stdout).toContain('runs already');
  });
});

describe('a stack that was scaled once', () => {
  test('keeps its data in PostgreSQL when it comes back with one of each', async () => {
    const bookId = await shop.stock(5);
    await home.cli(['down']);
    await home.running();
    expect((await home.status()).parts).toHaveLength(8);
    const again = await home.cli(['books', '-n', '500', '--json']);
    const { books } = (JSON.parse(again.stdout) as { result: { books: Array<{ id: number }> } })
      .result;
    expect(books.map(({ id }) => id)).toContain(bookId);
  });

  test('is refused where the data lies in a file already, before anything starts', async () => {
    const file = home.file('../with-files/data/inventory.db');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, 'stock of many years');
    const refused = await home.up('--stack', 'with-files', '--scale', 'inventory=2');
    expect(refused.code).toBe(7);
    expect(refused.stderr).toContain('has its data in a file');
    expect(refused.stderr).toContain('wonderland reset');
    expect((await home.status('with-files')).parts).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe('stock of many years');
  });
});
