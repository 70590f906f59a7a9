// Goal: the generated pages of docs/ say what the code says. Method: generate them again and compare.
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

import { PAGES } from '../scripts/docs/pages.ts';

test.each(Object.keys(PAGES))('docs/%s is what `npm run docs` writes', (file) => {
  const written = readFileSync(path.resolve(import.meta.dirname, '../docs', file), 'utf8');
  expect(written).toBe(PAGES[file]?.());
});
