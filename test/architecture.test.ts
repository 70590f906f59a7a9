// Goal: the picture in ARCHITECTURE.md stays true. Method: read every source file and compare it with the rules.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

/** Bottom to top. A module may import its own area and lower layers, never a neighbour. */
const LAYERS = [
  ['kernel'],
  ['contracts', 'config'],
  ['messaging', 'saga', 'storage', 'broker'],
  [
    'services/inventory',
    'services/customer',
    'services/payment',
    'services/notification',
    'services/logging',
    'mediator',
  ],
  ['stack'],
  ['scenario'],
  ['simulator', 'web'],
  ['commands'],
  ['cli.ts'],
];
const SRC = path.resolve(import.meta.dirname, '../src');
const IMPORT = /(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g;
/** Without `import()`: a module that is loaded when it is asked for may know who asks. */
const STATIC_IMPORT = /\bfrom\s*['"](\.[^'"]+)['"]/g;
/** Time, chance and identity come in as ports: only the live adapters may touch the real ones. */
const LIVE = /\b(?:Date\.now|Math\.random|randomUUID|setTimeout|setInterval)\s*\(|\bnew Date\(\)/;
const MAX_LINES = 300;

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);
const products = files.filter((file) => !file.endsWith('.test.ts'));

const read = (file: string): string => readFileSync(path.join(SRC, file), 'utf8');
const areaOf = (file: string): string =>
  file
    .split(path.sep)
    .slice(0, file.startsWith('services') ? 2 : 1)
    .join('/');
const layerOf = (area: string): number => LAYERS.findIndex((areas) => areas.includes(area));

function importsOf(file: string, pattern = IMPORT): string[] {
  return [...read(file).matchAll(pattern)].map(([, target = '']) =>
    path.relative(SRC, path.resolve(SRC, path.dirname(file), target)),
  );
}

function breaches(file: string): string[] {
  const from = areaOf(file);
  if (layerOf(from) === -1) return [`${file} is in no layer`];
  return importsOf(file)
    .filter((target) => !target.startsWith('..'))
    .map(areaOf)
    .filter((to) => to !== from && !(layerOf(to) !== -1 && layerOf(to) < layerOf(from)))
    .map((to) => `${file} (${from}) imports ${to}`);
}

test('every import points downwards', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(files.flatMap(breaches)).toEqual([]);
});

test('no two files import each other, however far around', () => {
  const graph = new Map(products.map((file) => [file, importsOf(file, STATIC_IMPORT)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) cycles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
    if (trail.includes(file) || done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of products) visit(file, []);
  expect(cycles).toEqual([]);
});

describe('files', () => {
  test(`have at most ${MAX_LINES} lines`, () => {
    const long = files.filter((file) => read(file).split('\n').length > MAX_LINES);
    expect(long.filter((file) => !file.endsWith('.test.ts'))).toEqual([]);
  });

  test('open with a sentence on what they are for', () => {
    expect(
      products.filter((file) => !/^(?:#!.*\n)?(?:\/\*\*\s+(?:\* )?|\/\/ )\S/.test(read(file))),
    ).toEqual([]);
  });

  test('are named in kebab-case', () => {
    expect(
      files.filter((file) => !/^[a-z0-9-]+(\.(int|e2e))?(\.test)?\.ts$/.test(path.basename(file))),
    ).toEqual([]);
  });

  test('never export by default, and never export everything of another', () => {
    const offenders = products.filter((file) => /^export (default|\*)/m.test(read(file)));
    expect(offenders).toEqual([]);
  });
});

test('only the live adapters touch the real clock, chance and ids', () => {
  const offenders = products.filter((file) => file !== 'kernel/live.ts' && LIVE.test(read(file)));
  expect(offenders).toEqual([]);
});

test('the environment is read in one place', () => {
  const offenders = products.filter(
    (file) => !file.startsWith('config') && /process\.env\b/.test(read(file)),
  );
  expect(offenders).toEqual([]);
});
