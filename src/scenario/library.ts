/** The scenario files that a user can name: those of the directory they stand in, then those that come with Wonderland. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { messageOf, UserError } from '../kernel/errors.ts';
import { suggest } from '../kernel/suggestion.ts';

export interface ScenarioEntry {
  /** What a user types: the file's name without its ending. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** The path as it is shown: relative when it lies below the working directory. */
  readonly file: string;
  /** The folder of the library that it lies in, such as `crashes`; empty at its top, and for files named by a path. */
  readonly folder: string;
}

const ENDING = /\.ya?ml$/;
const PACKAGED = fileURLToPath(new URL('../../scenarios/', import.meta.url));

/** All scenarios by name; a file in `./scenarios` hides the packaged one of the same name. */
export async function listScenarios(directory: string): Promise<ScenarioEntry[]> {
  const byName = new Map<string, ScenarioEntry>();
  for (const library of [PACKAGED, path.join(directory, 'scenarios')]) {
    for (const file of await filesIn(library)) {
      const folder = path.relative(library, path.dirname(file)).split(path.sep).join('/');
      byName.set(nameOf(file), { ...entryOf(file, directory), folder });
    }
  }
  return [...byName.values()].toSorted((a, b) => a.name.localeCompare(b.name));
}

/**
 * The scenarios of names and paths; all of them when there are none.
 * @throws UserError `unknown-scenario` with the name that was meant.
 */
export async function findScenarios(
  words: readonly string[],
  directory: string,
): Promise<ScenarioEntry[]> {
  const known = await listScenarios(directory);
  if (words.length === 0) return known;
  return words.map((word) => {
    if (ENDING.test(word)) return entryOf(path.resolve(directory, word), directory);
    const entry = known.find(({ name }) => name === word);
    if (entry !== undefined) return entry;
    const names = known.map(({ name }) => name);
    throw new UserError('unknown-scenario', `There is no scenario "${word}"`, {
      hint: suggest(word, names) ?? 'See all with `wonderland scenario list`.',
      details: { scenario: word, known: names },
    });
  });
}

/** @throws UserError `unknown-scenario` when the file can't be read, or is none: a pipe would be waited for for ever. */
export async function readScenario({ path: file, file: shown }: ScenarioEntry): Promise<string> {
  try {
    if (!(await stat(file)).isFile()) throw new TypeError('it is no regular file');
    return await readFile(file, 'utf8');
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const problem = isAbsent
      ? `There is no file ${shown}`
      : `${shown} can't be read: ${messageOf(error)}`;
    throw new UserError('unknown-scenario', problem, {
      hint: 'See all scenarios with `wonderland scenario list`.',
      cause: error,
    });
  }
}

function nameOf(file: string): string {
  return path.basename(file).replace(ENDING, '');
}

function entryOf(file: string, directory: string): ScenarioEntry {
  const relative = path.relative(directory, file);
  const isBelow = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  return { name: nameOf(file), path: file, file: isBelow ? relative : file, folder: '' };
}

/** Absolute paths of all scenario files below a directory; none when it does not exist. */
async function filesIn(directory: string): Promise<string[]> {
  try {
    const found = await readdir(directory, { recursive: true });
    return found.filter((file) => ENDING.test(file)).map((file) => path.join(directory, file));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
