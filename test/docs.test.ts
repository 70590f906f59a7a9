// Goal: the pages of docs/ say what the code says. Method: generate what is generated again and compare; parse what is shown as an example.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

import { PAGES } from '../scripts/docs/pages.ts';
import { fillSections } from '../scripts/docs/sections.ts';
import { formatProblem, parseScenario } from '../src/scenario/language/parse.ts';

const ROOT = path.resolve(import.meta.dirname, '..');

test.each(Object.keys(PAGES))('docs/%s is what `npm run docs` writes', (file) => {
  const written = readFileSync(path.join(ROOT, 'docs', file), 'utf8');
  expect(written).toBe(PAGES[file]?.());
});

/** What an excerpt of a scenario leaves out. */
const REST: Readonly<Record<string, string>> = {
  scenario: 'scenario: excerpt',
  about: 'about: Of a page.',
  given: 'given: { books: { 42: { stock: 10, price: 39.00 } } }',
  steps: 'steps: [{ order: { id: o1, customer: alice, book: 42 } }]',
};

function examplesIn(page: string): string[] {
  const text = readFileSync(path.join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, example = '']) => {
    const missing = Object.keys(REST).filter((key) => !example.match(new RegExp(`^${key}:`, 'm')));
    return [...missing.map((key) => REST[key]), example].join('\n');
  });
}

test.each(['README.md', 'docs/scenarios.md'])(
  'the scenarios shown in %s are understood',
  (page) => {
    const examples = examplesIn(page);
    expect(examples.length).toBeGreaterThan(0);
    const problems = examples.flatMap((text) => {
      const parsed = parseScenario({ file: page, text });
      return parsed.ok ? [] : parsed.problems.map((each) => `${formatProblem(each)}\n${text}`);
    });
    expect(problems).toEqual([]);
  },
);

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function isBroken(page: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? path.join(ROOT, page) : path.resolve(ROOT, page, '..', file);
  if (!existsSync(target)) return true;
  return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
}

test.each([
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'docs/scenarios.md',
  'docs/library.md',
])('every link of %s leads somewhere', (page) => {
  const links = [...readFileSync(path.join(ROOT, page), 'utf8').matchAll(/\]\(([^)]+)\)/g)];
  const own = links.map(([, link = '']) => link).filter((link) => !/^\w+:/.test(link));
  expect(own.filter((link) => isBroken(page, link))).toEqual([]);
});

test('a section without a place, and a place without a section, are told', () => {
  const page = '<!-- generated: keys -->\nold\n<!-- /generated -->\n';
  const write = (): string => 'new';
  expect(fillSections(page, { keys: write })).toBe(
    '<!-- generated: keys -->\n\nnew\n\n<!-- /generated -->\n',
  );
  expect(() => fillSections(page, {})).toThrow('"keys"');
  expect(() => fillSections(page, { keys: write, more: write })).toThrow('no place for: more');
  expect(() => fillSections('<!-- generated: keys -->', { keys: write })).toThrow('has no end');
});
