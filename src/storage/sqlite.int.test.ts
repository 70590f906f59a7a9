import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { liveClock } from '../kernel/live.ts';
import { openSqlite, openSqliteReader } from './sqlite.ts';

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
