import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { INVARIANTS } from '../../src/scenario/language/invariants.ts';
import { findScenarios } from '../../src/scenario/library.ts';
import { BUGS } from './bugs.ts';
import type { Run } from './play.ts';
import { grouped, proofOf } from './proof.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'wonderland-proof-'));
});
afterEach(() => rm(folder, { recursive: true }));

const BREAKS = { breaks: 'paid-once' };
const CHECK = { name: 'paid-once', isMet: false, expected: 'one', found: 'two', orders: ['o1'] };

async function failedRun(lines: readonly object[]): Promise<Run> {
  const recording = path.join(folder, 'run.ndjson');
  await writeFile(recording, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return { scenario: 's', title: 's', verdict: 'failed', checks: [CHECK], recording };
}

const passage = (order: string, message: string) => ({
  kind: 'passage',
  what: 'point',
  point: 'ack',
  message,
  order,
});

test('a bug is caught when the check names an order, and the recording its messages', async () => {
  const lines = [{ kind: 'run' }, passage('o2', 'other'), passage('o1', 'payment.charge')];
  const runs = [await failedRun(lines)];
  expect(await proofOf(BREAKS, { exitCode: 10, runs })).toEqual({
    check: 'paid-once',
    order: 'o1',
    found: 'two',
    trail: ['payment.charge ack'],
  });
});

test('a run that ends in another way proves nothing, and neither does one that fails for another reason', async () => {
  const run = await failedRun([passage('o1', 'payment.charge')]);
  expect(await proofOf(BREAKS, { exitCode: 12, runs: [run] })).toBeUndefined();
  expect(await proofOf({ breaks: 'stock-balance' }, { exitCode: 10, runs: [run] })).toBeUndefined();
  const silent = await failedRun([passage('o2', 'payment.charge')]);
  expect(await proofOf(BREAKS, { exitCode: 10, runs: [silent] })).toBeUndefined();
});

test('one command pins no variable to two values', () => {
  const bugs = BUGS.slice(0, 3).map((bug, index) => ({
    ...bug,
    variables: { message: index === 1 ? 'b' : 'a' },
  }));
  expect(grouped(bugs).map((group) => group.length)).toEqual([2, 1]);
});

test.each(BUGS)('$name has its module, its place and a scenario that may find it', async (bug) => {
  const source = bug.module.replace(/\.js$/, '.ts');
  expect(existsSync(new URL(`../../src/${source}`, import.meta.url))).toBe(true);
  expect(existsSync(new URL(`./${bug.name}.ts`, import.meta.url))).toBe(true);
  expect(await findScenarios([bug.scenario], folder)).toHaveLength(1);
  const known = [...INVARIANTS, 'trace.', 'messages.', 'step '];
  expect(known.some((name) => bug.breaks.startsWith(name))).toBe(true);
});
