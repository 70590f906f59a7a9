import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pool } from 'pg';

import { newSchema, type NewDatabase } from '../../test/support/new-database.ts';
import { TEST_DATABASE_URL } from '../../test/support/database.ts';
import { liveClock } from '../kernel/live.ts';
import { LostRaceError, optimisticTransactions } from './optimistic.ts';
import { inTransaction, openPostgres, schemaOf } from './postgres.ts';

interface OpenPool extends AsyncDisposable {
  readonly pool: Pool;
}

describe('transactions on PostgreSQL', () => {
  let database: NewDatabase<OpenPool>;
  let pool: Pool;

  beforeEach(async () => {
    database = await newSchema('storage', async (namespace) => {
      const opened = await openPostgres({
        url: TEST_DATABASE_URL,
        schema: schemaOf(namespace, 'storage'),
        migrations: [
          { version: 1, name: 'numbers', sql: 'CREATE TABLE number (n int PRIMARY KEY)' },
        ],
        clock: liveClock,
        client: 'test',
        openWithinMs: 5_000,
      });
      return { pool: opened, [Symbol.asyncDispose]: () => opened.end() };
    });
    ({ pool } = await database.open());
  });
  afterEach(() => database[Symbol.asyncDispose]());

  const numbers = async (): Promise<number[]> =>
    (await pool.query<{ n: number }>('SELECT n FROM number ORDER BY n')).rows.map(({ n }) => n);

  it('fail alone when the server ends their connection between two statements', async () => {
    const failing = inTransaction(pool, async (client) => {
      await client.query('INSERT INTO number VALUES (1)');
      const ended = new Promise((resolve) => client.once('end', resolve));
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await ended;
      await client.query('INSERT INTO number VALUES (2)');
    });
    await expect(failing).rejects.toThrow(/terminat|not queryable|closed/i);
    await inTransaction(pool, (client) => client.query('INSERT INTO number VALUES (3)'));
    expect(await numbers()).toEqual([3]);
  });

  it('do not keep their locks when their process stands still', async () => {
    const { rows } = await pool.query<{ limit: string }>(
      `SELECT current_setting('idle_in_transaction_session_timeout') AS limit`,
    );
    expect(rows).toEqual([{ limit: '3s' }]);
  });

  it('run again when they lost a race, and leave nothing of the first time', async () => {
    let runs = 0;
    const runner = optimisticTransactions(pool, (client) => ({
      insert: (n: number) => client.query('INSERT INTO number VALUES ($1)', [n]),
      flush: async () => {
        if (runs < 3) throw new LostRaceError('a number');
      },
    }));
    await runner.run(async (tx) => {
      runs += 1;
      await tx.insert(runs);
    });
    expect(await numbers()).toEqual([3]);
  });

  it('give up when they always lose', async () => {
    let runs = 0;
    const runner = optimisticTransactions(pool, () => ({
      flush: () => Promise.reject(new LostRaceError('everything')),
    }));
    const lost = runner.run(async () => void (runs += 1));
    await expect(lost).rejects.toThrow('everything');
    expect(runs).toBe(10);
  });
});
