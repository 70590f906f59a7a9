import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { parseScenarioOrThrow } from './language/parse.ts';
import { findScenarios, listScenarios, readScenario } from './library.ts';
import { planOf } from './plan.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'library-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('every scenario that comes with Wonderland can be planned', async () => {
  const entries = await listScenarios(directory);
  expect(entries.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['happy-path', 'last-copy-race', 'payment-failure', 'slow-payment']),
  );
  for (const entry of entries) {
    const text = await readScenario(entry);
    const plans = parseScenarioOrThrow({ file: entry.file, text }).map(planOf);
    expect(new Set(plans.map(({ name }) => name))).toEqual(new Set([entry.name]));
  }
});

test('a file in ./scenarios hides the packaged one of the same name', async () => {
  mkdirSync(path.join(directory, 'scenarios/own'), { recursive: true });
  writeFileSync(path.join(directory, 'scenarios/own/happy-path.yaml'), 'mine');
  const [entry] = await findScenarios(['happy-path'], directory);
  expect(entry?.file).toBe('scenarios/own/happy-path.yaml');
});

test('a path names a file wherever it is', async () => {
  writeFileSync(path.join(directory, 'mine.yaml'), 'mine');
  const [entry] = await findScenarios(['./mine.yaml'], directory);
  expect(entry).toMatchObject({ name: 'mine', file: 'mine.yaml' });
});

test('a misspelt name is refused with the one that was meant', async () => {
  await expect(findScenarios(['payment-failur'], directory)).rejects.toMatchObject({
    code: 'unknown-scenario',
    hint: 'Did you mean "payment-failure"?',
  });
});

test('a file that is not there is refused by its name', async () => {
  const read = findScenarios(['gone.yaml'], directory).then(
    ([entry]) => entry && readScenario(entry),
  );
  await expect(read).rejects.toMatchObject({ code: 'unknown-scenario' });
});
