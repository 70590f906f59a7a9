// Goal: what real sagas did, their logs tell again. Method: orders of every kind, then PostgreSQL's rows decided once more.
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { audit, audited } from '../../src/contracts/mediator.ts';
import { liveIds } from '../../src/kernel/live.ts';
import { replayDifference } from '../../src/mediator/replay.ts';
import type { LogEntry, SagaRow } from '../../src/mediator/saga-row.ts';
import { schemaOf } from '../../src/storage/postgres.ts';
import { TEST_DATABASE_URL } from '../support/database.ts';
import { armFaults } from '../support/faults.ts';
import { ShopClient } from '../support/shop-client.ts';
import { openShop, type TestShop } from '../support/shop.ts';

const SHIP_AFTER_MS = 2_000;
/** All kinds at once on a machine that is busy with other tests. */
const PATIENCE_MS = 60_000;

let shop: TestShop;
let client: ShopClient;
const database = new pg.Client({ connectionString: TEST_DATABASE_URL });

beforeAll(async () => {
  await database.connect();
  shop = await openShop([], { shipAfterMs: SHIP_AFTER_MS });
  client = await ShopClient.open(shop);
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await shop[Symbol.asyncDispose]();
  await database.end();
});

const table = (name: string): string =>
  `"${schemaOf(shop.settings.namespace, 'mediator')}".${name}`;

const sagas = async (): Promise<readonly SagaRow[]> =>
  (await database.query<SagaRow>(`SELECT * FROM ${table('saga')}`)).rows;

const logOf = async (id: string): Promise<readonly LogEntry[]> => {
  const text = `SELECT * FROM ${table('saga_log')} WHERE saga_id = $1 ORDER BY seq`;
  return (await database.query<LogEntry>(text, [id])).rows;
};

/** A charge that fails twice before it succeeds. */
const placeTroubled = async (book: number): Promise<string> => {
  const run = liveIds.uuid();
  const fault = { run, message: 'payment.charge', point: 'handle', times: 2 } as const;
  await armFaults(shop.visitor, 'payment', {
    ...fault,
    action: { verb: 'error', message: 'busy' },
  });
  return client.begin({ book, run, policy: { paymentTimeoutMs: 300, retryAtMostMs: 300 } });
};

const cancelLate = async (book: number): Promise<string> => {
  const { id } = await client.order({ book });
  expect((await client.cancel(id)).status).toBe(200);
  return id;
};

const cancelEarly = async (book: number): Promise<string> => {
  const id = await client.begin({ book, token: 'tok_late_answer' });
  expect((await client.cancel(id)).status).toBe(200);
  return id;
};

test(
  'orders of every kind are decided again from their logs to the same transitions',
  { timeout: PATIENCE_MS },
  async () => {
    const book = await client.stock(100);
    await Promise.all([
      ...Array.from({ length: 10 }, () => client.begin({ book })),
      client.begin({ book, token: 'tok_insufficient_funds' }),
      client.begin({ book: await client.stock(0) }),
      client.begin({ book: 4_242 }),
      client.begin({ book, token: 'tok_provider_error' }),
      client.begin({ book, token: 'tok_late_answer' }),
      placeTroubled(book),
      cancelLate(book),
      cancelEarly(book),
    ]);
    const isOpen = async (): Promise<number> => (await sagas()).filter((each) => each.open).length;
    await expect.poll(isOpen, { timeout: PATIENCE_MS / 2 }).toBe(0);

    const seen = new Set<string>();
    for (const row of await sagas()) {
      const log = await logOf(row.id);
      expect(replayDifference(log, row), `${row.id}, ${row.status}`).toBeUndefined();
      for (const { kind } of log) seen.add(kind);
    }
    const orderIds = (await sagas()).map((each) => each.id).toSorted();
    const { orders } = await client.ask('mediator', {
      contract: audit,
      body: { orderIds },
      answer: audited,
    });
    const lengths = (await sagas()).map(({ id, log_seq }) => ({
      orderId: id,
      logEntries: log_seq,
    }));
    lengths.sort((one, other) => (one.orderId < other.orderId ? -1 : 1));
    expect(orders).toEqual(lengths);
    for (const each of ['shipped', 'rejected', 'cancelled', 'retried', 'refused', 'declined'])
      expect(seen).toContain(each);
    for (const each of ['voided', 'refunded', 'unrecorded', 'cancel-requested'])
      expect(seen).toContain(each);
  },
);
