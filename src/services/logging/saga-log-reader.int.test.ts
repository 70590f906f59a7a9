import path from 'node:path';

import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { TEST_DATABASE_URL } from '../../../test/support/database.ts';
import { openShop, type ShopService, type TestShop } from '../../../test/support/shop.ts';
import { ShopClient } from '../../../test/support/shop-client.ts';
import type { LogRecord } from '../../contracts/logs.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { liveClock } from '../../kernel/live.ts';
import { traceIdOf } from '../../kernel/trace.ts';
import { schemaOf } from '../../storage/postgres.ts';
import { openLogReader } from './reader.ts';

const POLL = { timeout: 15_000, interval: 20 };

describe('the saga log in the log store', { timeout: 60_000 }, () => {
  let closing: ClosingStack;
  let shop: TestShop;

  beforeEach(() => {
    closing = new ClosingStack();
  });

  afterEach(() => closing[Symbol.asyncDispose]());

  async function open(without: readonly ShopService[] = []): Promise<ShopClient> {
    shop = closing.use(await openShop(without));
    return closing.use(await ShopClient.open(shop));
  }

  function stored(orderId?: string): LogRecord[] {
    const reader = openLogReader(path.join(shop.settings.dataDir ?? '', 'logs.db'), liveClock);
    try {
      const selection = { limit: 100_000, services: ['mediator'], orderId };
      return (reader?.read(selection) ?? []).filter((each) => each.id.startsWith('saga-'));
    } finally {
      reader?.[Symbol.dispose]();
    }
  }

  async function query(sql: string, values: readonly unknown[] = []): Promise<LogRow[]> {
    const client = new Client({ connectionString: TEST_DATABASE_URL });
    await client.connect();
    try {
      await client.query(`SET search_path TO ${schemaOf(shop.settings.namespace, 'mediator')}`);
      return (await client.query<LogRow>(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  const logged = async (): Promise<string[]> =>
    (await query('SELECT saga_id, seq FROM saga_log')).map(idOf).toSorted();

  /** Once nothing is awaited, nothing more is logged for now. */
  async function isQuiet(): Promise<void> {
    const waiting = async (): Promise<number> =>
      (await query("SELECT id FROM saga WHERE pending <> '[]'")).length;
    await expect.poll(waiting, POLL).toBe(0);
  }

  const storedIds = (): string[] =>
    stored()
      .map((each) => each.id)
      .toSorted();

  it('is there as it happened, each entry once, beside what the parts say of the order', async () => {
    const client = await open();
    const order = await client.order();
    await expect
      .poll(() => stored(order.id).map((each) => each.message), POLL)
      .toContain('order notified');
    const rows = await query('SELECT kind FROM saga_log WHERE saga_id = $1 ORDER BY seq', [
      order.id,
    ]);
    expect(stored(order.id).map((each) => each.message)).toEqual(
      rows.map(({ kind }) => `order ${kind}`),
    );
    for (const each of stored(order.id)) {
      expect(each.traceId).toBe(traceIdOf(order.traceparent));
    }
  });

  it('is complete after the logging service was away', async () => {
    const client = await open(['logging']);
    for (let n = 0; n < 5; n++) await client.order();
    await shop.start('logging');
    await client.order();
    await isQuiet();
    await expect.poll(storedIds, POLL).toEqual(await logged());
  });

  it('has what a mediator logged and never told anybody, because it was killed', async () => {
    const client = await open();
    const { id } = await client.order();
    await query(
      `INSERT INTO saga_log (saga_id, seq, at, kind, payload)
       VALUES ($1, 100, 1, 'retried', '{"status":"confirmed","issued":[]}')`,
      [id],
    );
    await expect.poll(() => stored(id).map((each) => each.id), POLL).toContain(`saga-${id}-100`);
  });

  it('has nothing twice with two mediators and two logging services at once', async () => {
    const client = await open();
    const other = closing.use(await ShopClient.open(shop, await shop.openMediator()));
    await shop.start('logging');
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? client : other).order({ book: n + 1 })),
    );
    await isQuiet();
    await expect.poll(storedIds, POLL).toEqual(await logged());
  });
});

interface LogRow {
  readonly saga_id: string;
  readonly seq: number;
  readonly kind: string;
}

function idOf({ saga_id, seq }: LogRow): string {
  return `saga-${saga_id}-${seq}`;
}
