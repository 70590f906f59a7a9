import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { liveClock } from '../kernel/live.ts';
import { identify } from './process-identity.ts';
import { filesOf, makeDirectories, type StackFiles } from './stack-files.ts';
import { isLocked, whileLocked } from './up-lock.ts';

let directory = '';
let files: StackFiles;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'wonderland-lock-'));
  files = filesOf(directory, 'test');
  makeDirectories(files);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const patience = (timeoutMs: number) => ({
  clock: liveClock,
  signal: new AbortController().signal,
  timeoutMs,
});

describe('the lock of `up`', () => {
  it('lets one work at a time, and is gone afterwards', async () => {
    let working = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      working += 1;
      most = Math.max(most, working);
      await new Promise((resolve) => setImmediate(resolve));
      working -= 1;
    };
    await Promise.all([1, 2, 3].map(() => whileLocked(files, patience(5_000), work)));
    expect(most).toBe(1);
    expect(isLocked(files)).toBe(false);
  });

  it('is taken over from a process that died, even when its number is in use again', async () => {
    await writeFile(files.lock, JSON.stringify({ pid: process.pid, born: 'long ago' }));
    await expect(whileLocked(files, patience(2_000), async () => 'done')).resolves.toBe('done');
  });

  it('is not waited for longer than allowed', async () => {
    await writeFile(files.lock, JSON.stringify(identify(process.ppid)));
    await expect(whileLocked(files, patience(60), async () => 'done')).rejects.toThrow(
      'does not finish',
    );
  });

  it('is given back when the work fails', async () => {
    const failing = whileLocked(files, patience(60), () => Promise.reject(new Error('no tea')));
    await expect(failing).rejects.toThrow('no tea');
    expect(isLocked(files)).toBe(false);
  });
});
