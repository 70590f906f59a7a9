// Goal: several processes may share a SQLite file, as two notifications or two loggings do.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { ClosingStack } from '../kernel/closing.ts';
import { openSqliteReader } from './sqlite.ts';

const WRITER = path.resolve(import.meta.dirname, '../../test/support/file-writer.ts');
const ROWS = 200;

let closing: ClosingStack;
let file: string;
beforeEach(async () => {
  closing = new ClosingStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'wonderland-sharing-'));
  closing.defer(() => rm(folder, { recursive: true, force: true }));
  file = path.join(folder, 'shared.db');
});
afterEach(() => closing[Symbol.asyncDispose]());

async function startWriter(name: string): Promise<ChildProcess> {
  const child = fork(WRITER, [file, name, String(ROWS)], { execArgv: ['--import', 'tsx'] });
  closing.defer(() => child.kill('SIGKILL'));
  expect(await once(child, 'message')).toEqual(['here', undefined]);
  return child;
}

/** Says it to all at once, and waits until each has done it. */
async function tell(writers: readonly ChildProcess[], order: string, done: string): Promise<void> {
  const all = Promise.all(writers.map((each) => once(each, done)));
  for (const each of writers) each.send(order);
  await all;
}

it('three processes make one file at the same moment, and none of their rows is lost', async () => {
  const writers = await Promise.all(['a', 'b', 'c'].map(startWriter));
  await tell(writers, 'open', 'message');
  await tell(writers, 'write', 'exit');
  expect(writers.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  const reader = openSqliteReader(file);
  closing.defer(() => reader?.close());
  const rows = reader
    ?.prepare('SELECT writer, count(*) AS n FROM note GROUP BY writer ORDER BY writer')
    .all();
  expect(rows).toEqual(['a', 'b', 'c'].map((writer) => ({ writer, n: ROWS })));
});
