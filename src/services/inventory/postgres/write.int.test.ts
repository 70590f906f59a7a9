// Goal: groups that are written at the same time never wait for each other in a circle. On a real PostgreSQL.
import type { Pool, PoolClient } from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { TEST_DATABASE_URL } from '../../../../test/support/database.ts';
import { liveClock, liveIds } from '../../../kernel/live.ts';
import { dropSchemas, openPostgres } from '../../../storage/postgres.ts';
import { Gathered } from './gathered.ts';
import { POSTGRES_MIGRATIONS } from './migrations.ts';
import { writeGathered } from './write.ts';

const schema = `write_${liveIds.hex(4)}`;
const LOW = 5;
const HIGH = 9;

let pool: Pool;
let clients: PoolClient[];

beforeEach(async () => {
  pool = await openPostgres({
    url: TEST_DATABASE_URL,
    schema,
    migrations: POSTGRES_MIGRATIONS,
    clock: liveClock,
    client: 'test',
    openWithinMs: 10_000,
  });
  await pool.query(`
    INSERT INTO book (id, isbn, title, author, publisher, search_text, price_cents, initial, on_hand, reserved)
    SELECT id, id, id, '', '', '', 1, 10, 10, 1 FROM unnest(ARRAY[${LOW}, ${HIGH}]) AS id;
    INSERT INTO order_state VALUES ('old', 'held');
    INSERT INTO hold VALUES ('old', ${LOW}, 1), ('old', ${HIGH}, 1)`);
  clients = [];
});

afterEach(async () => {
  clients.forEach((each) => each.release(true));
  await pool.end();
  await dropSchemas(TEST_DATABASE_URL, [schema]);
});

async function begin(): Promise<PoolClient> {
  const client = await pool.connect();
  clients.push(client);
  await client.query('BEGIN');
  return client;
}

const pidOf = async (client: PoolClient): Promise<number | undefined> =>
  (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;

async function untilWaiting(pid: number | undefined): Promise<void> {
  const text = 'SELECT 1 FROM pg_locks WHERE pid = $1 AND NOT granted';
  await vi.waitFor(async () => expect((await pool.query(text, [pid])).rowCount).toBe(1), 10_000);
}

/** An order takes copies that nobody had. */
function reserve(gathered: Gathered, orderId: string, bookIds: readonly number[]): void {
  const lines = bookIds.map((bookId) => ({ bookId, quantity: 1 }));
  gathered.states.set(orderId, { read: undefined, now: 'held' });
  gathered.holds.set(orderId, { read: [], now: lines });
  gathered.move(lines, { reserved: 1, onHand: 0, sold: 0 });
}

/** The order `old` gives its copies back. */
function release(gathered: Gathered): void {
  const read = [LOW, HIGH].map((bookId) => ({ bookId, quantity: 1 }));
  gathered.states.set('old', { read: 'held', now: 'released' });
  gathered.holds.set('old', { read, now: [] });
  gathered.move(read, { reserved: -1, onHand: 0, sold: 0 });
}

test('a book whose moves cancel each other out is held again while another group writes it', async () => {
  // Writes HIGH only: what is given back of LOW is taken again at once, by a hold that refers to LOW.
  const here = new Gathered();
  release(here);
  reserve(here, 'new', [LOW]);
  const there = new Gathered();
  reserve(there, 'other', [LOW, HIGH]);
  const [third, first, second] = [await begin(), await begin(), await begin()];
  const pids = [await pidOf(first), await pidOf(second)];
  await third.query(`SELECT 1 FROM hold WHERE order_id = 'old' FOR UPDATE`);
  const one = writeGathered(first, here).then(() => first.query('COMMIT'));
  await untilWaiting(pids[0]);
  // The first has HIGH and no hold yet; the second has LOW and waits for HIGH.
  const two = writeGathered(second, there).then(() => second.query('COMMIT'));
  await untilWaiting(pids[1]);
  await third.query('ROLLBACK');
  await expect(Promise.all([one, two])).resolves.toHaveLength(2);
  const { rows } = await pool.query('SELECT id, reserved FROM book ORDER BY id');
  expect(rows).toEqual([
    { id: LOW, reserved: 2 },
    { id: HIGH, reserved: 1 },
  ]);
}, 20_000);
