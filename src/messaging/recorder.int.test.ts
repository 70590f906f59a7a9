import { mkdir, mkdtemp, readFile, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { handClock } from '../../test/support/hand-clock.ts';
import { MAX_PASSAGE_TEXT, Passage } from '../contracts/passages.ts';
import { silentLogger } from '../kernel/logger.ts';
import { FileRecorder } from './recorder.ts';

let dataDir: string;
let time: ReturnType<typeof handClock>;
let recorder: FileRecorder;

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'wonderland-recorder-'));
  time = handClock();
  recorder = new FileRecorder({
    service: 'payment',
    instance: 'payment-1',
    dataDir,
    clock: time.clock,
    logger: silentLogger,
  });
});
afterEach(async () => {
  recorder[Symbol.dispose]();
  await rm(dataDir, { recursive: true, force: true });
});

const folder = (run: string): string => path.join(dataDir, 'runs', run);
const begin = (run: string) => mkdir(folder(run), { recursive: true });
const note = (run: string, messageId = 'm1'): void =>
  recorder.record({ kind: 'duplicate', run, message: 'payment.charge', messageId });
const linesOf = async (run: string): Promise<Passage[]> =>
  (await readFile(path.join(folder(run), 'payment-1.ndjson'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => Passage.parse(JSON.parse(line)));

test('writes a line for each passage of a run that has a folder, at once', async () => {
  await begin('r1');
  note('r1/o1');
  note('r1', 'm2');
  expect(await linesOf('r1')).toMatchObject([
    { seq: 1, service: 'payment', instance: 'payment-1', run: 'r1/o1', messageId: 'm1' },
    { seq: 2, run: 'r1', messageId: 'm2' },
  ]);
});

test('leaves runs alone that nobody records, and makes no folder for them', async () => {
  note('r1/o1');
  expect(await readdir(dataDir)).toEqual([]);
});

test('notices within a second that a run is recorded now', async () => {
  note('r1');
  await begin('r1');
  note('r1');
  expect(await readdir(folder('r1'))).toEqual([]);
  await time.pass(1_000);
  note('r1', 'seen');
  expect(await linesOf('r1')).toMatchObject([{ messageId: 'seen' }]);
});

test('a folder that is removed meanwhile ends its recording, and no message hears of it', async () => {
  await begin('r1');
  note('r1');
  await rm(folder('r1'), { recursive: true });
  await time.pass(1_000);
  note('r1');
  expect(await readdir(path.join(dataDir, 'runs'))).toEqual([]);
});

test('what cannot be written to is not recorded, and no message hears of it', async () => {
  await begin('r1');
  await mkdir(path.join(folder('r1'), 'payment-1.ndjson'));
  note('r1');
  await rm(path.join(folder('r1'), 'payment-1.ndjson'), { recursive: true });
  await time.pass(1_000);
  note('r1');
  expect(await readdir(folder('r1'))).toEqual([]);
});

test.each(['..', '../escape', '.', 'a b', '-x', ''])(
  'a run called "%s" names no folder',
  async (run) => {
    await begin('r1');
    await mkdir(path.join(dataDir, 'escape'));
    note(run);
    expect(await readdir(dataDir)).toEqual(['escape', 'runs']);
    expect(await readdir(path.join(dataDir, 'runs'))).toEqual(['r1']);
    expect(await readdir(path.join(dataDir, 'escape'))).toEqual([]);
  },
);

test('keeps four files open, and writes to more runs than that', async () => {
  const runs = Array.from({ length: 10 }, (_, index) => `r${index}`);
  for (const run of runs) await begin(run);
  for (const round of ['a', 'b']) for (const run of runs) note(run, round);
  const targets = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  expect(targets.filter((each) => each.startsWith(dataDir))).toHaveLength(4);
  for (const run of runs) {
    expect(await linesOf(run)).toMatchObject([{ messageId: 'a' }, { messageId: 'b' }]);
  }
});

test('texts of any length make lines that can be read', async () => {
  await begin('r1');
  note('r1', 'x'.repeat(10_000));
  expect((await linesOf('r1'))[0]?.messageId).toHaveLength(MAX_PASSAGE_TEXT);
});
