import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { parseScenarioOrThrow } from './language/parse.ts';
import { findScenarios, listScenarios, readScenario } from './library.ts';
import { planOf } from './plan.ts';

const LIBRARY = fileURLToPath(new URL('../../scenarios/', import.meta.url));
const byName = (a: string, b: string): number =>
  path.parse(a).name.localeCompare(path.parse(b).name);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'library-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const SCHEMA = '# yaml-language-server: $schema=../../docs/scenario.schema.json\n';
/** What the library promises to have something about. */
const FOLDERS = [
  'basics',
  'broker',
  'cancel',
  'crashes',
  'load',
  'messages',
  'payment',
  'stock',
] as const;

test('the library has scenarios of every kind, and no two of one name', async () => {
  const entries = await listScenarios(directory);
  const files = readdirSync(LIBRARY, { recursive: true, encoding: 'utf8' });
  const names = files.filter((file) => file.endsWith('.yaml')).map((file) => path.basename(file));
  // One that hides another would be missing here.
  expect(entries.map(({ name }) => `${name}.yaml`)).toEqual(names.toSorted(byName));
  expect(entries.length).toBeGreaterThanOrEqual(24);
  expect([...new Set(entries.map(({ folder }) => folder))].toSorted()).toEqual(FOLDERS);
});

test.each(await listScenarios(LIBRARY))(
  '$folder/$name teaches something, can be planned, and is found by its tags',
  async (entry) => {
    const text = await readScenario(entry);
    // So that an editor knows the language.
    expect(text.startsWith(SCHEMA)).toBe(true);
    const plans = parseScenarioOrThrow({ file: entry.file, text }).map(planOf);
    expect(new Set(plans.map(({ name }) => name))).toEqual(new Set([entry.name]));
    const [plan] = plans;
    expect(plan?.tags).toContain(entry.folder);
    // More than its name says, in a few sentences.
    expect(plan?.about.length).toBeGreaterThan(100);
    expect(plan?.about.length).toBeLessThanOrEqual(500);
    expect(plans.flatMap(({ claims }) => claims)).not.toEqual([]);
  },
);

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

test('a pipe is refused, and nobody waits for it', { timeout: 5_000 }, async () => {
  execFileSync('mkfifo', [path.join(directory, 'pipe.yaml')]);
  const read = findScenarios(['pipe.yaml'], directory).then(
    ([entry]) => entry && readScenario(entry),
  );
  await expect(read).rejects.toMatchObject({
    code: 'unknown-scenario',
    message: "pipe.yaml can't be read: it is no regular file",
  });
});
