/** From the text of a scenario file to its meaning, or to everything that is wrong with it. */
import { closest, suggest } from '../../kernel/suggestion.ts';
import { UserError } from '../../kernel/errors.ts';
import { explain } from './explain.ts';
import { MAX_RUNS, ScenarioFile } from './language.ts';
import { cellsOf, countCells, declaredMatrix, firstCell } from './matrix.ts';
import { checkReferences } from './references.ts';
import { Source, type Problem } from './source.ts';
import { declaredVariables, fillIn, type Variables } from './variables.ts';

export interface ScenarioText {
  /** How the file is named in problems. */
  readonly file: string;
  readonly text: string;
  /** Values that replace the file's own (`--var`); one of a matrix is pinned to it. */
  readonly overrides?: Variables;
  /** Replaces the file's own. */
  readonly seed?: number | undefined;
  readonly repeat?: number | undefined;
}

/** One run of a file that was understood: with its values of the matrix, and its seed. */
export interface ParsedScenario {
  readonly file: string;
  readonly text: string;
  readonly scenario: ScenarioFile;
  readonly variables: Variables;
  /** The values of the matrix that this run has; empty without a matrix. */
  readonly cell: Variables;
  readonly seed: number;
  /** Which of the repeats this is, from 1, and of how many. */
  readonly repetition: number;
  readonly repetitions: number;
}

export type ParseResult =
  | { readonly ok: true; readonly runs: readonly ParsedScenario[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads a file: every run that it asks for, or all problems of a kind, in order of their place. */
export function parseScenario(asked: ScenarioText): ParseResult {
  const { file, text, overrides = {} } = asked;
  const source = new Source(file, text);
  const syntax = source.syntaxProblems();
  if (syntax.length > 0) return failed(syntax);
  const axes = declaredMatrix(source);
  const declared = { ...declaredVariables(source), ...firstCell(axes) };
  const variables = withOverrides(file, declared, overrides);
  const count = countCells(axes, overrides);
  if (count > MAX_RUNS) return failed([tooManyRuns(source, count)]);
  const results = cellsOf(axes, overrides).map((cell) =>
    parseCell(asked, { ...variables, ...cell }, cell),
  );
  const problems = results.flatMap((each) => (Array.isArray(each) ? each : []));
  if (problems.length > 0) return failed(problems);
  const cells = results.flatMap((each) => (Array.isArray(each) ? [] : each));
  return withRepeats(source, asked, cells);
}

type Cell = Omit<ParsedScenario, 'seed' | 'repetition' | 'repetitions'>;

function parseCell(
  { file, text }: ScenarioText,
  variables: Variables,
  cell: Variables,
): Cell | Problem[] {
  const source = new Source(file, text);
  const unfilled = fillIn(source, variables);
  const checked = ScenarioFile.safeParse(source.value());
  if (!checked.success || unfilled.length > 0) {
    return [...unfilled, ...elsewhere(unfilled, explain(source, checked.error?.issues ?? []))];
  }
  const dangling = checkReferences(source, checked.data);
  return dangling.length > 0 ? dangling : { file, text, scenario: checked.data, variables, cell };
}

/** Repeats have the seeds 1, 2, 3 …, or those from the one that is given. */
function withRepeats(
  source: Source,
  asked: Pick<ScenarioText, 'seed' | 'repeat'>,
  cells: readonly Cell[],
): ParseResult {
  const runs = cells.flatMap((cell) => {
    const repetitions = asked.repeat ?? cell.scenario.repeat;
    const first = asked.seed ?? cell.scenario.seed ?? 1;
    return Array.from({ length: repetitions }, (_, index) => ({
      ...cell,
      seed: first + index,
      repetition: index + 1,
      repetitions,
    }));
  });
  if (runs.length <= MAX_RUNS) return { ok: true, runs };
  return failed([tooManyRuns(source, runs.length)]);
}

function tooManyRuns(source: Source, count: number): Problem {
  return source.problem(['matrix'], `these are ${count} runs, and ${MAX_RUNS} is the most`);
}

/** The runs of a file. @throws UserError `invalid-scenario` that lists every problem. */
export function parseScenarioOrThrow(text: ScenarioText): readonly ParsedScenario[] {
  const result = parseScenario(text);
  if (result.ok) return result.runs;
  throw invalidScenario(result.problems);
}

/** One error for all problems of all files. */
export function invalidScenario(problems: readonly Problem[]): UserError {
  const title =
    problems.length === 1
      ? 'The scenario has a problem:'
      : `There are ${problems.length} problems:`;
  const lines = problems.map((each) => `  ${formatProblem(each)}`);
  return new UserError('invalid-scenario', [title, ...lines].join('\n'), {
    hint: 'Correct the file, then check it with `wonderland scenario validate <file>`.',
    details: { problems },
  });
}

/** `file:line:column  message`, which terminals and editors turn into a link. */
export function formatProblem({ file, line, column, message }: Problem): string {
  return `${file}:${line}:${column}  ${message}`;
}

function failed(problems: readonly Problem[]): ParseResult {
  const unique = new Map(problems.map((each) => [formatProblem(each), each]));
  return {
    ok: false,
    problems: [...unique.values()].toSorted((a, b) => a.line - b.line || a.column - b.column),
  };
}

/** A value that could not be filled in has the wrong type as well: that is no news. */
function elsewhere(told: readonly Problem[], problems: readonly Problem[]): Problem[] {
  return problems.filter(
    ({ line, column }) => !told.some((each) => each.line === line && each.column === column),
  );
}

/** What to write after `--var` instead. */
export function hintAtVariables(name: string, known: readonly string[]): string {
  if (known.length === 0)
    return 'No variable is declared: that is done under `vars:` or `matrix:`.';
  const match = closest(name, known);
  if (match !== undefined) return `Did you mean --var ${match}=…?`;
  return suggest(name, known) ?? 'Variables are declared under `vars:` and `matrix:`.';
}

function withOverrides(file: string, declared: Variables, overrides: Variables): Variables {
  for (const name of Object.keys(overrides)) {
    if (Object.hasOwn(declared, name)) continue;
    throw new UserError('usage', `${file} has no variable "${name}"`, {
      hint: hintAtVariables(name, Object.keys(declared)),
    });
  }
  return { ...declared, ...overrides };
}
