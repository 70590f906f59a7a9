/** docs/library.md: every scenario that comes with the program, what it shows, and how often it is played. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

import { cellsOf, declaredMatrix } from '../../src/scenario/language/matrix.ts';
import { Source } from '../../src/scenario/language/source.ts';
import { code, table } from './sections.ts';

const LIBRARY = path.resolve(import.meta.dirname, '../../scenarios');

const Facts = z.object({
  scenario: z.string(),
  about: z.string(),
  tags: z.array(z.string()).default([]),
  repeat: z.int().default(1),
});

export function libraryPage(): string {
  const folders = readdirSync(LIBRARY, { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map(({ name }) => name)
    .toSorted();
  const sections = folders.map((folder) => ({ folder, rows: rowsOf(folder) }));
  const files = sections.reduce((sum, { rows }) => sum + rows.length, 0);
  return `# The library of scenarios

Generated from \`scenarios/\` by \`npm run docs\`: ${files} scenarios. Play one with \`wonderland scenario run <name>\`, a folder or a
tag with \`--tag\`, all of them with \`wonderland scenario run\`. How to write one: [scenarios.md](scenarios.md).

${sections
  .map(
    ({ folder, rows }) =>
      `## ${folder}\n\n${table(['scenario', 'what it shows', 'tags', 'runs'], rows)}`,
  )
  .join('\n\n')}
`;
}

function rowsOf(folder: string): string[][] {
  return readdirSync(path.join(LIBRARY, folder))
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .map((file) => rowOf(`${folder}/${file}`));
}

/** Read, not checked: that all of them are understood is a test of the library. */
function rowOf(file: string): string[] {
  const source = new Source(file, readFileSync(path.join(LIBRARY, file), 'utf8'));
  const { scenario, about, tags, repeat } = Facts.parse(source.value());
  const runs = cellsOf(declaredMatrix(source), {}).length * repeat;
  const link = `[${scenario}](../scenarios/${file})`;
  return [link, about.trim().replaceAll(/\s+/g, ' '), code(...tags), `${runs}`];
}
