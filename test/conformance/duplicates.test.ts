// Goal: a message that comes several times costs several times its own price, and no more. Method: each is delivered
// five times; were a copy of a reply reason to send the next command again, every round trip would multiply the copies.
import { afterAll, beforeAll, expect, test } from 'vitest';

import { liveIds } from '../../src/kernel/live.ts';
import { FaultControl } from '../../src/messaging/control.ts';
import { PARTICIPANTS } from '../../src/messaging/topology.ts';
import { ShopClient } from '../support/shop-client.ts';
import { openShop, type TestShop } from '../support/shop.ts';

const COPIES = 5;
const PARTS = ['mediator', ...PARTICIPANTS, 'notification'];
/** A step is asked for again after a second: on a busy machine that may come about a few times. */
const MAX_ASKED = 4;

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

test('copies of messages do not breed', async () => {
  const run = liveIds.hex(6);
  const { visitor } = shop;
  await using control = await FaultControl.open({ ...visitor, services: PARTS, withinMs: 5_000 });
  const everywhere = { run, message: '*', point: 'deliver', nth: 1 } as const;
  const action = { verb: 'duplicate', copies: COPIES - 1 } as const;
  const faults = PARTS.map((service) => ({
    ...everywhere,
    id: `${run}/${service}`,
    service,
    action,
  }));
  expect(await control.arm(faults, 60_000)).toEqual([]);

  const { id } = await client.order({ book: await client.stock(5), run });
  await client.closed(id);

  const { reports } = await control.clear({ run });
  const handled = reports.flatMap(({ passed }) => Object.entries(passed));
  const commands = handled.filter(([name]) => name === 'inventory.commit');
  expect(commands.map(([, times]) => times >= COPIES)).toEqual([true]);
  const tooOften = handled.filter(([, times]) => times > COPIES * COPIES * MAX_ASKED);
  expect(tooOften).toEqual([]);
});
