// Goal: what was changed in the saga log, or in a saga's row, is found out. Method: rows of PostgreSQL, tampered with by hand.
import type { Pool } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { TEST_DATABASE_URL } from '../../test/support/database.ts';
import { audited } from '../contracts/mediator.ts';
import { liveClock, liveIds } from '../kernel/live.ts';
import { namesOf } from '../messaging/topology.ts';
import { dropSchemas, openPostgres } from '../storage/postgres.ts';
import { MEDIATOR_MIGRATIONS } from './migrations.ts';
import { auditSagas } from './saga-audit.ts';
import { SagaStore } from './saga-store.ts';
import { begin, move } from './transition.ts';

const names = namesOf('test');
const schema = `audit_${liveIds.hex(4)}`;

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

/** Orders that were refused: three entries each, and a policy of their own. Answers their ids. */
async function refused(count: number): Promise<string[]> {
  const fresh = Array.from({ length: count }, () => {
    const orderId = liveIds.uuid();
    const data = {
      orderId,
      customer: { id: 'alice', name: 'Alice', email: 'alice@example.com' },
      lines: [{ bookId: 42, quantity: 1 }],
      payment: { kind: 'visa', token: 'tok_visa' },
      shipAfterMs: 0,
      policy: { decideWithinMs: 500 },
    } as const;
    const identity = {
      customer_id: 'alice',
      idempotency_key: orderId,
      body_hash: 'h',
      origin: 'test',
      traceparent: '00-1-1-01',
      run: null,
    };
    return begin(data, identity, { names, now: 1_000 });
  });
  await store.insert(fresh);
  const body = { reason: 'out-of-stock', bookId: 42 };
  const event = {
    kind: 'replied',
    step: 'reserve',
    direction: 'do',
    type: 'inventory.refused',
  } as const;
  await store.advance(
    fresh.map(({ row }) =>
      move(
        row,
        { ...event, body: { ...body, orderId: row.id } },
        {
          names,
          now: 2_000,
          messageId: 'm1',
        },
      ),
    ),
  );
  return fresh.map(({ row }) => row.id).toSorted();
}

test('logs that lead to their rows are told with their length; what is unknown is left out', async () => {
  const ids = await refused(3);
  const audits = await auditSagas(pool, [...ids.toReversed(), liveIds.uuid()]);
  expect(audits).toEqual(ids.map((orderId) => ({ orderId, logEntries: 3 })));
});

test.each([
  [
    'an entry that says something else',
    `UPDATE saga_log SET kind = 'charged' WHERE seq = 2`,
    'entry 2, fact',
  ],
  ['an entry that is gone', `DELETE FROM saga_log WHERE seq = 2`, 'entry 2, gap'],
  ['a log that is gone', `DELETE FROM saga_log`, 'entry 1, gap'],
  ['a row that is somewhere else', `UPDATE saga SET status = 'confirmed'`, 'entry 4, row'],
  [
    'a definition that nobody knows',
    `UPDATE saga SET definition_hash = 'x'`,
    'entry 1, definition',
  ],
])('%s is found out, and what differs is said', async (_what, tampering, found) => {
  const [broken = '', sound = ''] = await refused(2);
  const mine = tampering.startsWith('UPDATE saga SET') ? 'id' : 'saga_id';
  const where = tampering.includes('WHERE') ? 'AND' : 'WHERE';
  await pool.query(`${tampering} ${where} ${mine} = '${broken}'`);
  const audits = await auditSagas(pool, [broken, sound]);
  expect(audits.map(({ difference = 'none' }) => difference)).toEqual([
    expect.stringContaining(found),
    'none',
  ]);
  expect(audited.body.safeParse({ orders: audits }).success).toBe(true);
});

test('a thousand orders are audited in one answer', async () => {
  const ids = await refused(1_000);
  const audits = await auditSagas(pool, ids);
  expect(audits.map(({ orderId }) => orderId)).toEqual(ids);
  expect(audits.filter(({ difference }) => difference !== undefined)).toEqual([]);
});
