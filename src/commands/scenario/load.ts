/** From the words of the command line to plans; every problem of every file is told at once. */
import { workingDirectory } from '../../config/directories.ts';
import { UserError } from '../../kernel/errors.ts';
import { suggest } from '../../kernel/suggestion.ts';
import { declaredMatrix } from '../../scenario/language/matrix.ts';
import { hintAtVariables, invalidScenario, parseScenario } from '../../scenario/language/parse.ts';
import { Source, type Problem } from '../../scenario/language/source.ts';
import {
  declaredVariables,
  readVariable,
  type Variables,
} from '../../scenario/language/variables.ts';
import { findScenarios, readScenario, type ScenarioEntry } from '../../scenario/library.ts';
import { planOf, type Plan } from '../../scenario/plan.ts';

/** What was asked for. */
export interface Wanted {
  /** Names or files; none means all. */
  readonly names: readonly string[];
  /** Only scenarios with one of these tags, or in one of these folders. */
  readonly tags?: readonly string[];
  /** Values of `--var`; each file takes those that it has. */
  readonly variables?: Variables;
  readonly seed?: number | undefined;
  readonly repeat?: number | undefined;
}

/** One run of a scenario. */
export interface LoadedScenario {
  readonly entry: ScenarioEntry;
  readonly plan: Plan;
  /** How many runs with other seeds the same values have, this one included. */
  readonly repetitions: number;
}

export interface Loaded {
  /** Every run of every file, in order of the files. */
  readonly scenarios: readonly LoadedScenario[];
  readonly problems: readonly Problem[];
}

interface ReadFile {
  readonly entry: ScenarioEntry;
  readonly text: string;
  /** Names that `--var` may give a value; undefined when the text is no YAML. */
  readonly variables: readonly string[] | undefined;
}

/** Reads what the words name, all scenarios when there are none. @throws UserError `unknown-scenario`, `usage` */
export async function loadScenarios(wanted: Wanted): Promise<Loaded> {
  const { names, tags = [], variables = {}, seed, repeat } = wanted;
  const entries = await findScenarios(names, workingDirectory());
  const files = await Promise.all(entries.map(readEntry));
  requireVariables(files, variables);
  const scenarios: LoadedScenario[] = [];
  const problems: Problem[] = [];
  const knownTags = new Set<string>();
  for (const { entry, text, variables: own = [] } of files) {
    const overrides = pick(variables, own);
    const result = parseScenario({ file: entry.file, text, overrides, seed, repeat });
    if (!result.ok) {
      problems.push(...result.problems);
      continue;
    }
    const runs = result.runs.map((run) => ({
      entry,
      plan: planOf(run),
      repetitions: run.repetitions,
    }));
    const marks = tagsOf(entry, runs[0]?.plan.tags ?? []);
    for (const mark of marks) knownTags.add(mark);
    if (tags.length === 0 || marks.some((mark) => tags.includes(mark))) scenarios.push(...runs);
  }
  requireTags(tags, [...knownTags]);
  return { scenarios, problems };
}

/** As `loadScenarios`. @throws UserError `invalid-scenario` when any file has a problem. */
export async function loadValidScenarios(wanted: Wanted): Promise<readonly LoadedScenario[]> {
  const { scenarios, problems } = await loadScenarios(wanted);
  if (problems.length > 0) throw invalidScenario(problems);
  return scenarios;
}

/** The values of `--var name=value`. @throws UserError `usage` */
export function parseVariables(words: readonly string[]): Variables {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at > 0) return [word.slice(0, at), readVariable(word.slice(at + 1))];
      throw new UserError('usage', `--var ${word} has no value`, {
        hint: 'Write for example: --var reason=lost_card',
      });
    }),
  );
}

/** What `--tag` finds a scenario by: its own tags, and the folder of the library. */
export function tagsOf({ folder }: ScenarioEntry, tags: readonly string[]): readonly string[] {
  return folder === '' ? tags : [...new Set([folder, ...tags])];
}

async function readEntry(entry: ScenarioEntry): Promise<ReadFile> {
  const text = await readScenario(entry);
  const source = new Source(entry.file, text);
  // What is no YAML at all is told by the parser.
  if (source.syntaxProblems().length > 0) return { entry, text, variables: undefined };
  const axes = declaredMatrix(source).map(([name]) => name);
  return { entry, text, variables: [...Object.keys(declaredVariables(source)), ...axes] };
}

function pick(variables: Variables, names: readonly string[]): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => names.includes(name)));
}

/** A value that no file takes is a slip of the finger. */
function requireVariables(files: readonly ReadFile[], variables: Variables): void {
  if (files.some((file) => file.variables === undefined)) return;
  const known = [...new Set(files.flatMap((file) => file.variables ?? []))];
  for (const name of Object.keys(variables)) {
    if (known.includes(name)) continue;
    const [only, ...others] = files;
    const who =
      only !== undefined && others.length === 0
        ? `${only.entry.file} has no`
        : 'None of them has a';
    throw new UserError('usage', `${who} variable "${name}"`, {
      hint: hintAtVariables(name, known),
    });
  }
}

function requireTags(tags: readonly string[], known: readonly string[]): void {
  for (const tag of tags) {
    if (known.includes(tag)) continue;
    const all = known.toSorted().join(', ');
    throw new UserError('usage', `No scenario has the tag "${tag}"`, {
      hint: suggest(tag, known) ?? `The tags are: ${all}.`,
      details: { tag, known },
    });
  }
}
