import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { PassageFiles, runsDirectory } from './passage-files.ts';

const RUN = 'x-a1b2c3';
let dataDir: string;
let files: PassageFiles;

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'wonderland-passages-'));
  files = await PassageFiles.open({ dataDir, run: RUN, startedAt: 1_000 });
});
afterEach(async () => {
  await files[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true });
});

function lineOf(seq: number): string {
  const message = { run: `${RUN}/o1`, message: 'payment.charge', messageId: 'm1' };
  const origin = { at: 1_000 + seq, seq, service: 'payment', instance: 'payment-1' };
  return JSON.stringify({ ...origin, ...message, kind: 'point', point: 'handle' });
}

const append = (text: string): Promise<void> =>
  appendFile(path.join(runsDirectory(dataDir), RUN, 'payment-1.ndjson'), text);

test('each line is read once, a line that is not whole when it is', async () => {
  await append(`${lineOf(1)}\n${lineOf(2).slice(0, 40)}`);
  expect(await files.readNew()).toMatchObject([{ seq: 1, atMs: 1, order: 'o1', what: 'point' }]);
  await append(`${lineOf(2).slice(40)}\n`);
  expect(await files.readNew()).toMatchObject([{ seq: 2 }]);
  expect(await files.readNew()).toEqual([]);
});

test('two looks at the same time neither see a line twice nor miss one', async () => {
  const all = Array.from({ length: 5_000 }, (_, index) => index + 1);
  await append(all.map((seq) => `${lineOf(seq)}\n`).join(''));
  const looks = await Promise.all([files.readNew(), files.readNew(), files.readNew()]);
  expect(looks.flat().map(({ seq }) => seq)).toEqual(all);
});

test('afterwards nothing of the run is left', async () => {
  await append(`${lineOf(1)}\n`);
  await files[Symbol.asyncDispose]();
  expect(await readdir(runsDirectory(dataDir))).toEqual([]);
});
