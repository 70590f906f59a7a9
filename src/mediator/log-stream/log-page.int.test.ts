import type { Pool, PoolClient } from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { TEST_DATABASE_URL } from '../../../test/support/database.ts';
import { LogRecord } from '../../contracts/logs.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { liveClock, liveIds } from '../../kernel/live.ts';
import { newTraceparent, traceIdOf } from '../../kernel/trace.ts';
import { dropSchemas, openPostgres } from '../../storage/postgres.ts';
import { MEDIATOR_MIGRATIONS } from '../migrations.ts';
import { adoptLog, readLogPage, type LogPage } from './log-page.ts';

const POLL = { timeout: 20_000, interval: 1 };
/** Twelve writers, sixteen of twenty transactions each, two entries in each. */
const WRITTEN = 12 * 16 * 2;

const traceparent = newTraceparent(liveIds);

const SAGA = {
  definition: 'order',
  definition_version: 1,
  definition_hash: 'h',
  status: 'charging',
  pending: [],
  progress: {},
  attempt: 1,
  entered_at: 1,
  data: {},
  open: true,
  log_seq: 0,
  customer_id: 'alice',
  body_hash: 'b',
  origin: 'mediator-1',
  traceparent,
  created_at: 1,
  updated_at: 1,
};

describe('a page of the saga log', () => {
  let closing: ClosingStack;
  let pool: Pool;

  beforeEach(async () => {
    closing = new ClosingStack();
    const schema = `t${liveIds.hex(8)}`;
    closing.defer(() => dropSchemas(TEST_DATABASE_URL, [schema]));
    pool = await openPostgres({
      url: TEST_DATABASE_URL,
      schema,
      migrations: MEDIATOR_MIGRATIONS,
      clock: liveClock,
      client: 'test',
      openWithinMs: 5_000,
    });
    closing.defer(() => pool.end());
  });

  afterEach(() => closing[Symbol.asyncDispose]());

  async function addSaga(): Promise<string> {
    const id = liveIds.uuid();
    const row = { ...SAGA, id, idempotency_key: id };
    await pool.query('INSERT INTO saga SELECT * FROM jsonb_populate_record(null::saga, $1)', [row]);
    return id;
  }

  const addEntry = (client: Pool | PoolClient, saga: string, seq: number): Promise<unknown> =>
    client.query(
      `INSERT INTO saga_log (saga_id, seq, at, kind, payload) VALUES ($1, $2, 7, 'reserved', $3)`,
      [saga, seq, { status: 'charging', issued: ['payment.charge'] }],
    );

  /** Ids in the order they are read. Other tests' transactions on this server may hold the end back for a moment. */
  async function readUntil(count: number, after: string | null, limit: number): Promise<string[]> {
    const ids: string[] = [];
    let position = after;
    await expect
      .poll(async () => {
        const page = await readLogPage(pool, position, limit);
        ids.push(...page.records.map((each) => each.id));
        position = page.next;
        return page.records.length === 0 && ids.length >= count;
      }, POLL)
      .toBe(true);
    return ids;
  }

  async function readOne(): Promise<LogPage> {
    return vi.waitFor(async () => {
      const page = await readLogPage(pool, null, 10);
      expect(page.records).toHaveLength(1);
      return page;
    }, POLL);
  }

  it('holds log records with the facts of the entry and of its saga', async () => {
    const saga = await addSaga();
    await addEntry(pool, saga, 1);
    const page = await readOne();
    expect(page).toMatchObject({ more: false, next: expect.stringContaining(`:${saga}:1`) });
    expect(page.records).toEqual([
      {
        id: `saga-${saga}-1`,
        at: 7,
        level: 'info',
        service: 'mediator',
        instance: 'mediator-1',
        message: 'order reserved',
        orderId: saga,
        traceId: traceIdOf(traceparent),
        fields: { issued: ['payment.charge'] },
      },
    ]);
    expect(LogRecord.parse(page.records[0])).toEqual(page.records[0]);
    expect(await readLogPage(pool, page.next, 10)).toEqual({
      records: [],
      next: page.next,
      more: false,
    });
  });

  it('waits for a transaction that is slower than one that began later', async () => {
    const [slowSaga, fastSaga] = [await addSaga(), await addSaga()];
    const slow = await pool.connect();
    try {
      await slow.query('BEGIN');
      await addEntry(slow, slowSaga, 1);
      await addEntry(pool, fastSaga, 1);
      const early = await readLogPage(pool, null, 10);
      expect(early.records.map((each) => each.orderId)).not.toContain(slowSaga);
      await slow.query('COMMIT');
      const first = early.records.map((each) => each.id);
      const ids = [...first, ...(await readUntil(2 - first.length, early.next, 10))];
      expect(ids.toSorted()).toEqual([`saga-${slowSaga}-1`, `saga-${fastSaga}-1`].toSorted());
    } finally {
      slow.release();
    }
  });

  it('never misses an entry and never repeats one while many transactions write', async () => {
    const sagas = await Promise.all(Array.from({ length: 12 }, addSaga));
    const writers = sagas.map(async (saga, index) => {
      for (let round = 0; round < 20; round++) {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          await addEntry(client, saga, 2 * round + 1);
          if (index % 3 === 0) await client.query('SELECT pg_sleep(0.003)');
          await addEntry(client, saga, 2 * round + 2);
          await client.query(round % 5 === 4 ? 'ROLLBACK' : 'COMMIT');
        } finally {
          client.release();
        }
      }
    });
    const reading = readUntil(WRITTEN, null, 7);
    await Promise.all(writers);
    const seen = await reading;
    expect(new Set(seen).size).toBe(WRITTEN);
    expect(seen).toHaveLength(WRITTEN);
  });

  it('goes through one large transaction in several pages', async () => {
    const saga = await addSaga();
    await pool.query(
      `INSERT INTO saga_log (saga_id, seq, at, kind, payload)
       SELECT $1, seq, 1, 'retried', '{"status":"charging","issued":[]}' FROM generate_series(1, 25) AS seq`,
      [saga],
    );
    const expected = Array.from({ length: 25 }, (_, index) => `saga-${saga}-${index + 1}`);
    expect(await readUntil(25, null, 10)).toEqual(expected);
  });

  it('begins again for a position of another server, whose transactions are numbered otherwise', async () => {
    const saga = await addSaga();
    await addEntry(pool, saga, 1);
    const elsewhere = `18000000000000000000:${saga}:9`;
    expect(await readUntil(1, elsewhere, 10)).toEqual([`saga-${saga}-1`]);
  });

  it('adopts entries that were restored from another server, once', async () => {
    const saga = await addSaga();
    await addEntry(pool, saga, 1);
    await pool.query("UPDATE saga_log SET xid = '18000000000000000000'");
    expect((await readLogPage(pool, null, 10)).records).toEqual([]);
    expect(await adoptLog(pool)).toBe(1);
    expect(await adoptLog(pool)).toBe(0);
    expect(await readUntil(1, null, 10)).toEqual([`saga-${saga}-1`]);
  });

  it('is found by an index, however long the log is', async () => {
    const saga = await addSaga();
    await pool.query(
      `INSERT INTO saga_log (saga_id, seq, at, kind, payload)
       SELECT $1, seq, 1, 'retried', '{"status":"charging","issued":[]}' FROM generate_series(1, 20000) AS seq`,
      [saga],
    );
    const { next } = await vi.waitFor(async () => {
      const page = await readLogPage(pool, null, 19_990);
      expect(page.more).toBe(true);
      return page;
    }, POLL);
    const before = await blocksRead(pool);
    expect((await readLogPage(pool, next, 100)).records).toHaveLength(10);
    expect((await blocksRead(pool)) - before).toBeLessThan(50);
  });
});

/** Blocks of the log and its indexes that anybody has looked at, from memory or disk. */
async function blocksRead(pool: Pool): Promise<number> {
  await pool.query('SELECT pg_stat_clear_snapshot(), pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ blocks: number }>(
    `SELECT (heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit)::int AS blocks
     FROM pg_statio_user_tables WHERE relid = 'saga_log'::regclass`,
  );
  return rows[0]?.blocks ?? 0;
}
