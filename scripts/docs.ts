/** Writes the generated pages of docs/. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { PAGES } from './docs/pages.ts';

for (const [file, page] of Object.entries(PAGES)) {
  writeFileSync(path.resolve(import.meta.dirname, '../docs', file), page());
}
