// Goal: a stack whose disk is full for a while stays in one piece, can be looked at, and goes on by itself.
import { afterEach, beforeEach, expect, test } from 'vitest';

import { OrderDetail, OrderView } from '../../src/contracts/orders.ts';
import { liveIds } from '../../src/kernel/live.ts';
import { SmallDisk } from '../support/small-disk.ts';
import { StackHome, until } from './stack-home.ts';

let disk: SmallDisk | undefined;
let home: StackHome;
let url: string;

beforeEach(async (context) => {
  disk = SmallDisk.mount(260);
  context.skip(disk === undefined, 'only root may mount a small disk');
  if (disk === undefined) return;
  home = await StackHome.open(disk.directory);
  const { stdout } = await home.running('--json');
  const { result } = JSON.parse(stdout) as { result: { endpoints: { mediatorUrl: string } } };
  url = result.endpoints.mediatorUrl;
});
afterEach(async () => {
  if (disk === undefined) return;
  disk.free();
  await home[Symbol.asyncDispose]();
  disk[Symbol.dispose]();
});

/** The id of an order that was taken; undefined when the shop says "come again", or is gone for a moment. */
async function order(): Promise<string | undefined> {
  const response = await fetch(`${url}/orders?wait=0`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': liveIds.uuid() },
    body: JSON.stringify({
      customerId: 'alice',
      lines: [{ bookId: 1, quantity: 1 }],
      payment: { kind: 'visa', token: 'tok_visa' },
    }),
  }).catch(() => undefined);
  if (response === undefined) return undefined;
  const body: unknown = await response.json();
  expect([201, 202, 503]).toContain(response.status);
  return response.ok ? OrderView.parse(body).id : undefined;
}

async function orders(count: number): Promise<readonly string[]> {
  const taken: string[] = [];
  for (let turn = 0; turn < count; turn++) taken.push(...[await order()].flatMap((id) => id ?? []));
  return taken;
}

const statusOf = async (id: string): Promise<string> => {
  const response = await fetch(`${url}/orders/${id}`).catch(() => undefined);
  return response?.ok === true ? OrderDetail.parse(await response.json()).status : 'no answer';
};

const isReady = async (): Promise<boolean> =>
  (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true;

test('a full disk ends nothing, and no order is lost', async () => {
  const before = await home.status();
  const ids = [...(await orders(10))];
  disk?.fill();
  for (let round = 0; round < 5; round++) {
    ids.push(...(await orders(5)));
    disk?.fill();
  }
  // A change that cannot be written down: seen all the same.
  await home.cli(['kill', 'customer']);
  await until(async () => {
    const { parts } = await home.status();
    return (parts.find(({ name }) => name === 'customer')?.restarts ?? 0) > 0;
  }, '`ps` tells of the restart');
  expect((await home.status()).supervisorPid).toBe(before.supervisorPid);

  disk?.free();
  await expect.poll(isReady, { timeout: 60_000 }).toBe(true);
  expect((await home.status()).supervisorPid).toBe(before.supervisorPid);
  ids.push(...(await orders(5)));
  expect(ids.length).toBeGreaterThan(10);
  const ends = async (): Promise<readonly string[]> => {
    const all = await Promise.all(ids.map(statusOf));
    return all.filter((status) => !['confirmed', 'rejected', 'shipped'].includes(status));
  };
  await expect.poll(ends, { timeout: 60_000 }).toEqual([]);
}, 180_000);
