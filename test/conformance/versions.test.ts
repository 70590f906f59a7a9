// Goal: sagas end as they began, whatever the newest definition says. Method: rows as older and newer programs write them.
import { Pool } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { liveIds } from '../../src/kernel/live.ts';
import { orderSagaV1 } from '../../src/mediator/order-saga-v1.ts';
import { schemaOf } from '../../src/storage/postgres.ts';
import { TEST_DATABASE_URL } from '../support/database.ts';
import { openShop, type TestShop } from '../support/shop.ts';
import { ShopClient } from '../support/shop-client.ts';

let shop: TestShop;
let client: ShopClient;
let pool: Pool;

beforeEach(async () => {
  shop = await openShop();
  client = await ShopClient.open(shop);
  const schema = schemaOf(shop.settings.namespace, 'mediator');
  pool = new Pool({ connectionString: TEST_DATABASE_URL, options: `-c search_path=${schema}` });
});

afterEach(async () => {
  await pool.end();
  await client[Symbol.asyncDispose]();
  await shop[Symbol.asyncDispose]();
});

/** An open saga as a program with this definition left it behind when it died. */
async function leaveBehind(definition: { version: number; hash: string }): Promise<string> {
  const { id: template } = await client.order();
  const id = liveIds.uuid();
  await pool.query(
    `INSERT INTO saga SELECT (jsonb_populate_record(saga, $2)).* FROM saga WHERE id = $1`,
    [
      template,
      JSON.stringify({
        id,
        definition_version: definition.version,
        definition_hash: definition.hash,
        idempotency_key: id,
        status: 'reserving',
        pending: [{ step: 'reserve', direction: 'do', attempt: 1 }],
        progress: { phase: 'forward', stage: 'reserving', reached: ['reserve'] },
        data: {
          orderId: id,
          customer: { id: 'alice', name: 'Alice', email: 'alice@example.com' },
          lines: [{ bookId: 42, quantity: 1 }],
          payment: { kind: 'visa', token: 'tok_visa' },
        },
        attempt: 1,
        next_at: 0,
        log_seq: 0,
        open: true,
      }),
    ],
  );
  return id;
}

const isOpen = async (id: string): Promise<boolean> => {
  const { rows } = await pool.query<{ open: boolean }>('SELECT open FROM saga WHERE id = $1', [id]);
  return rows[0]?.open ?? false;
};

const ready = async (): Promise<{ ready: boolean; text: string }> => {
  const response = await client.get('/readyz');
  return { ready: response.status === 200, text: await response.text() };
};

test('a saga of version 1 is closed by its confirmation, and can neither be shipped nor cancelled', async () => {
  const id = await leaveBehind(orderSagaV1);
  await expect.poll(() => isOpen(id)).toBe(false);
  expect((await client.closed(id)).status).toBe('confirmed');
  const response = await fetch(`${shop.url}/orders/${id}/cancel`, { method: 'POST' });
  expect(response.status).toBe(409);
  expect(await response.text()).toContain('not-cancellable');
});

test('an open saga of a definition that is not known here keeps the mediator from being ready, and is left alone', async () => {
  await expect.poll(async () => (await ready()).ready).toBe(true);
  const known = await leaveBehind(orderSagaV1);
  const unknown = await leaveBehind({ version: 99, hash: 'feedfeedfeedfeed' });
  await expect.poll(() => isOpen(known)).toBe(false);
  expect(await isOpen(unknown)).toBe(true);
  const seen = await ready();
  expect(seen.ready).toBe(false);
  expect(seen.text).toContain('order version 99');
});
