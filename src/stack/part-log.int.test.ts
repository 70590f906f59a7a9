import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { SmallDisk } from '../../test/support/small-disk.ts';
import { lastLines, PartLog } from './part-log.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'wonderland-log-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const write = (log: PartLog, lines: readonly string[]): Promise<void> =>
  new Promise((resolve) => {
    for (const line of lines) log.write(`${line}\n`);
    log.end(() => resolve());
  });

describe('the log of a part', () => {
  it('keeps the newest lines in at most two files of the limit', async () => {
    const file = path.join(directory, 'payment.log');
    const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index}`);
    await write(new PartLog(file, 1_000), lines);
    expect((await readdir(directory)).toSorted()).toEqual(['payment.log', 'payment.log.1']);
    const text = await readFile(file, 'utf8');
    expect(text.length).toBeLessThanOrEqual(1_000);
    expect(text.endsWith('line 999\n')).toBe(true);
    expect((await readFile(`${file}.1`, 'utf8')).length).toBeLessThanOrEqual(1_000);
  });

  it('goes on where an earlier one ended', async () => {
    const file = path.join(directory, 'payment.log');
    await write(new PartLog(file), ['first']);
    await write(new PartLog(file), ['second']);
    expect(await readFile(file, 'utf8')).toBe('first\nsecond\n');
  });

  it('loses lines rather than the part when it cannot be written', async () => {
    const log = new PartLog(path.join(directory, 'missing', 'payment.log'));
    await expect(write(log, ['lost'])).resolves.toBeUndefined();
  });

  it('tells its last lines, however long it is', async () => {
    const file = path.join(directory, 'payment.log');
    await write(new PartLog(file), ['x'.repeat(200_000), 'nearly', 'last']);
    expect(await lastLines(file, 2)).toEqual(['nearly', 'last']);
    expect(await lastLines(path.join(directory, 'nothing'), 2)).toEqual([]);
  });
});

describe('the log of a part on a full disk', () => {
  it('loses lines and goes on when there is room again', async (context) => {
    using disk = SmallDisk.mount(1);
    context.skip(disk === undefined, 'only root may mount a small disk');
    if (disk === undefined) return;
    const file = path.join(disk.directory, 'payment.log');
    const log = new PartLog(file);
    const say = (line: string): Promise<void> =>
      new Promise((resolve) => log.write(`${line}\n`.padEnd(5_000), () => resolve()));
    await say('before');
    disk.fill();
    await say('lost');
    await say('lost too');
    disk.free();
    await say('after');
    await write(log, ['last']);
    const text = await readFile(file, 'utf8');
    expect(text).toContain('before');
    expect(text).toContain('after');
    expect(text).toMatch(/last\n$/);
  });
});
