import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { liveClock } from '../kernel/live.ts';
import { openSqlite, openSqliteReader, sqliteTransactions } from './sqlite.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'wonderland-sqlite-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const first = { version: 1, name: 'one', sql: 'CREATE TABLE one (n INTEGER) STRICT' };
const second = { version: 2, name: 'two', sql: 'CREATE TABLE two (n INTEGER) STRICT' };
const open = (file: string, migrations = [first]) =>
  openSqlite({ file: path.join(folder, file), migrations, clock: liveClock });

describe('a database', () => {
  test('is made with its folder, and migrated step by step, each once', () => {
    open('deep/er/a.db').close();
    const again = open('deep/er/a.db', [first, second]);
    expect(again.prepare('SELECT version FROM migration').pluck().all()).toEqual([1, 2]);
    again.close();
  });

  test('of a newer program is left alone', () => {
    open('a.db', [first, second]).close();
    expect(() => open('a.db')).toThrow(expect.objectContaining({ code: 'state-version' }));
  });

  test('that is damaged is reported with its file and what to do, not as a defect', async () => {
    await writeFile(
      path.join(folder, 'bad.db'),
      'this is no database at all, and long enough to tell',
    );
    expect(() => open('bad.db')).toThrow(
      expect.objectContaining({ code: 'environment', hint: expect.stringContaining('reset') }),
    );
  });

  test('that is not there has no reader', () => {
    expect(openSqliteReader(path.join(folder, 'none.db'))).toBeUndefined();
  });
});

describe('transactions on a file that another program has locked', () => {
  const writing = async (file: string) => {
    const database = open(file);
    const other = open(file);
    const insert = database.prepare('INSERT INTO one VALUES (1)');
    let pauses = 0;
    const sleep = (delayMs: number) => {
      pauses++;
      return liveClock.sleep(delayMs);
    };
    const transactions = sqliteTransactions(database, undefined, { ...liveClock, sleep });
    const write = () => transactions.run(async () => void insert.run());
    const written = () => other.prepare('SELECT count(*) FROM one').pluck().get();
    const close = () => [database, other].forEach((each) => each.close());
    return { other, write, written, close, pauses: () => pauses };
  };

  test('wait for it without holding up anything else', async () => {
    const { other, write, written, close, pauses } = await writing('a.db');
    other.exec('BEGIN IMMEDIATE');
    const waiting = write();
    // A wait inside SQLite would let nothing else run before its end, and have no pauses.
    await vi.waitFor(() => expect(pauses()).toBeGreaterThan(1));
    other.exec('COMMIT');
    await waiting;
    expect(written()).toBe(1);
    close();
  });

  test('give up after a while, then at once, and go on as soon as the lock is gone', async () => {
    const { other, write, written, close, pauses } = await writing('b.db');
    other.exec('BEGIN IMMEDIATE');
    await expect(write()).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
    const before = pauses();
    await expect(write()).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
    expect(pauses()).toBe(before);
    other.exec('COMMIT');
    await write();
    expect(written()).toBe(1);
    expect(before).toBeGreaterThan(1);
    close();
  });
});
