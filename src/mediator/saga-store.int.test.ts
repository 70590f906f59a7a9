// Goal: every due saga is taken once, by one mediator, and comes again when that one does nothing. On a real PostgreSQL.
import type { Pool } from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { liveClock, liveIds } from '../kernel/live.ts';
import { namesOf } from '../messaging/topology.ts';
import { dropSchemas, openPostgres } from '../storage/postgres.ts';
import { TEST_DATABASE_URL } from '../../test/support/database.ts';
import { MEDIATOR_MIGRATIONS } from './migrations.ts';
import {
  ENDS_AMONG,
  SagaStore,
  type Postponement,
  type SagaFilter,
  type Transition,
} from './saga-store.ts';
import { begin, move } from './transition.ts';

const NOW = 1_000_000;
const names = namesOf('test');
const schema = `store_${liveIds.hex(4)}`;

let pool: Pool;
let store: SagaStore;

beforeEach(async () => {
  pool = await openPostgres({
    url: TEST_DATABASE_URL,
    schema,
    migrations: MEDIATOR_MIGRATIONS,
    clock: liveClock,
    client: 'test',
    openWithinMs: 10_000,
  });
  store = new SagaStore(pool);
});

afterEach(async () => {
  await pool.end();
  await dropSchemas(TEST_DATABASE_URL, [schema]);
});

/** A saga that waits for inventory since NOW. */
function fresh(key?: string): Transition {
  const orderId = liveIds.uuid();
  const identity = {
    customer_id: 'alice',
    idempotency_key: key ?? orderId,
    body_hash: 'h',
    origin: 'test',
    traceparent: '00-1-1-01',
    run: null,
  };
  const data = {
    orderId,
    customer: { id: 'alice', name: 'Alice', email: 'alice@example.com' },
    lines: [{ bookId: 42, quantity: 1 }],
    payment: { kind: 'visa', token: 'tok_visa' },
    shipAfterMs: 0,
  } as const;
  return begin(data, identity, { names, now: NOW });
}

const later = ({ attempt }: { attempt: number }, now: number): Postponement => ({
  attempt: attempt + 1,
  next_at: now + 5_000,
});

const take = async (now: number, limit = 200): Promise<readonly string[]> => {
  const rows = await store.takeDue(now, limit, (row) => later(row, now));
  return rows.map((each) => each.id);
};

test('two mediators that look at the same time never take the same saga, and miss none', async () => {
  const sagas = Array.from({ length: 40 }, fresh);
  await store.insert(sagas);
  const soon = NOW + 1_000;
  const looks = await Promise.all(Array.from({ length: 8 }, () => take(soon, 10)));
  const rest = await take(soon);
  const taken = [...looks.flat(), ...rest];
  expect(new Set(taken).size).toBe(taken.length);
  expect(taken.toSorted()).toEqual(sagas.map((each) => each.row.id).toSorted());
});

test('a saga is not due before its time, and comes again when nothing was done about it', async () => {
  const saga = fresh();
  await store.insert([saga]);
  expect(await take(NOW)).toEqual([]);
  expect(await take(NOW + 1_000)).toEqual([saga.row.id]);
  expect(await take(NOW + 1_000)).toEqual([]);
  expect(await take(NOW + 6_000)).toEqual([saga.row.id]);
  expect((await store.find(saga.row.id))?.attempt).toBe(3);
});

test('a saga that moved on is due when its new command is, and a closed one never', async () => {
  const saga = fresh();
  await store.insert([saga]);
  const refused = move(
    saga.row,
    {
      kind: 'replied',
      step: 'reserve',
      direction: 'do',
      type: 'inventory.refused',
      body: { orderId: saga.row.id, reason: 'out-of-stock', bookId: 42 },
    },
    { names, now: NOW + 900, messageId: 'm1' },
  );
  expect(await store.advance([refused])).toEqual(new Set([saga.row.id]));
  expect(await take(NOW + 1_000)).toEqual([]);
  expect(await take(NOW + 1_900)).toEqual([saga.row.id]);
  const closed = move(
    refused.row,
    {
      kind: 'replied',
      step: 'tell-rejected',
      direction: 'tell',
      type: 'notification.sent',
      body: { orderId: saga.row.id, mailId: 'mail' },
    },
    { names, now: NOW + 2_000, messageId: 'm2' },
  );
  expect(await store.advance([closed])).toEqual(new Set([saga.row.id]));
  expect(await take(NOW + 10_000_000)).toEqual([]);
});

test('a transition that leaves the clock alone leaves what a sweeper counted meanwhile', async () => {
  const saga = fresh();
  await store.insert([saga]);
  expect(await take(NOW + 1_000)).toEqual([saga.row.id]);
  const stuck = { kind: 'timer', attempt: 7, ageMs: 1_000 } as const;
  const noted = move(saga.row, stuck, { names, now: NOW + 2_000, messageId: null });
  expect(noted.row).toMatchObject({ attempt: 1, next_at: NOW + 1_000 });
  await store.advance([noted]);
  expect(await store.find(saga.row.id)).toMatchObject({ attempt: 2, next_at: NOW + 6_000 });
});

test('orders that wait for a minute are found as stuck, with what they wait for', async () => {
  const waiting = fresh();
  await store.insert([waiting]);
  const stuck = async (stuckSince: number): Promise<readonly string[]> =>
    (await store.list({ stuckSince, limit: 10 })).map((each) => each.id);
  expect(await stuck(NOW)).toEqual([]);
  expect(await stuck(NOW + 1)).toEqual([waiting.row.id]);
});

test('stuck orders are open ones, and the other filters hold for them too', async () => {
  const [waiting, other] = [fresh(), fresh()];
  await store.insert([waiting, other]);
  await pool.query('UPDATE saga SET run = $1 WHERE id = $2', ['r', other.row.id]);
  const filter = { stuckSince: NOW + 1, limit: 10 };
  const stuck = async (more: Partial<SagaFilter>): Promise<readonly string[]> =>
    (await store.list({ ...filter, ...more })).map((each) => each.id);
  expect(await stuck({ run: 'r' })).toEqual([other.row.id]);
  expect(await stuck({ customerId: 'bob' })).toEqual([]);
  expect((await stuck({ customerId: 'alice' })).toSorted()).toEqual(
    [waiting.row.id, other.row.id].toSorted(),
  );
  await pool.query('UPDATE saga SET open = false WHERE id = $1', [other.row.id]);
  expect(await stuck({})).toEqual([waiting.row.id]);
});

test('an order is found by the end of its id while it is one of the newest', async () => {
  const saga = fresh();
  await store.insert([saga]);
  const end = saga.row.id.slice(-12);
  const newer = (from: number, to: number) =>
    pool.query(
      `INSERT INTO saga SELECT (jsonb_populate_record(saga, jsonb_build_object('idempotency_key', n,
         'id', 'ffffffff-ffff-7fff-8fff-' || lpad(n::text, 12, '0')))).*
       FROM saga, generate_series($1::int, $2::int) AS n WHERE id = $3`,
      [from, to, saga.row.id],
    );
  await newer(1, ENDS_AMONG - 1);
  expect(await store.idsEndingWith(end, 5)).toEqual([saga.row.id]);
  await newer(ENDS_AMONG, ENDS_AMONG);
  expect(await store.idsEndingWith(end, 5)).toEqual([]);
});

test('two mediators that are asked for the same orders, each in its own order, wait for each other in no circle', async () => {
  const [one, held, two] = ['a', 'b', 'c'].map((key) => `${key}-${liveIds.hex(4)}`);
  const third = await pool.connect();
  try {
    await third.query('BEGIN');
    await third.query('INSERT INTO saga SELECT * FROM jsonb_populate_recordset(null::saga, $1)', [
      JSON.stringify([fresh(held).row]),
    ]);
    const here = [one, held, two].map((key) => fresh(key));
    const there = [two, held, one].map((key) => fresh(key));
    const both = Promise.all([store.insert(here), store.insert(there)]);
    await vi.waitFor(async () => expect(await waitingHere()).toBe(2));
    await third.query('ROLLBACK');
    const [first, second] = await both;
    expect(first.map((row) => row.id).toSorted()).toEqual(second.map((row) => row.id).toSorted());
  } finally {
    third.release(true);
  }
});

/** Statements of this test's schema that wait for a lock. */
async function waitingHere(): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE NOT granted AND relation IS NULL AND query LIKE '%INSERT INTO saga%'
       AND application_name = 'wonderland test'`,
  );
  return rows[0]?.count ?? 0;
}

test('the thousand orders of a run are found by an index, whatever their names, among very many others', async () => {
  const labelled = (run: string): Transition => {
    const { row, log } = fresh();
    return { row: { ...row, run }, log };
  };
  const ofRun = Array.from({ length: 1_000 }, (_, n) => labelled(`the-run/o${n}`));
  await store.insert(ofRun);
  await store.insert([labelled('the-run-2/o1'), labelled('the-ru/o1')]);
  await pool.query(
    `INSERT INTO saga SELECT other.* FROM saga, generate_series(1, 20000) AS n,
       LATERAL jsonb_populate_record(saga, jsonb_build_object(
         'id', gen_random_uuid(), 'idempotency_key', 'k' || n, 'open', false,
         'run', CASE WHEN n % 2 = 0 THEN 'other-' || n % 100 || '/o' || n END)) AS other
     WHERE saga.id = $1`,
    [ofRun[0]?.row.id],
  );
  await pool.query('ANALYZE saga');
  const before = await blocksRead();
  const found = await store.list({ run: 'the-run', limit: 2_000 });
  expect((await blocksRead()) - before).toBeLessThan(500);
  const ids = ofRun.map(({ row }) => row.id).toSorted();
  expect(found.map((each) => each.id)).toEqual(ids.toReversed());
});

/** Blocks of the sagas and their indexes that anybody has looked at, from memory or disk. */
async function blocksRead(): Promise<number> {
  await pool.query('SELECT pg_stat_clear_snapshot(), pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ blocks: number }>(
    `SELECT (heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit)::int AS blocks
     FROM pg_statio_user_tables WHERE relid = 'saga'::regclass`,
  );
  return rows[0]?.blocks ?? 0;
}
