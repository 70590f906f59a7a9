/** The command that plays a run again, as far as its recording tells. */
import path from 'node:path';

import { Source } from '../language/source.ts';
import { declaredVariables } from '../language/variables.ts';
import type { Plan } from '../plan.ts';

/** Can be pasted into a shell: the file, what differs from its defaults, its place in the matrix, and the seed. */
export function againOf({ file, text, variables, cell, seed }: Plan): string {
  const defaults = declaredVariables(new Source(file, text));
  const told = Object.entries(variables).filter(
    ([name, value]) => Object.hasOwn(cell, name) || defaults[name] !== value,
  );
  const words = [
    'wonderland',
    'scenario',
    'run',
    nameOf(file),
    ...told.flatMap(([name, value]) => ['--var', `${name}=${String(value)}`]),
    '--seed',
    String(seed),
    '--repeat',
    '1',
  ];
  return words.map(quote).join(' ');
}

/** One that came with Wonderland lies somewhere else on the next machine, and is known by its name. */
function nameOf(file: string): string {
  return path.isAbsolute(file) ? path.basename(file).replace(/\.ya?ml$/, '') : file;
}

function quote(word: string): string {
  return /^[\w./=:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
