/** From the text of a scenario file to its meaning, or to everything that is wrong with it. */
import { closest, suggest } from '../../kernel/suggestion.ts';
import { UserError } from '../../kernel/errors.ts';
import { explain } from './explain.ts';
import { ScenarioFile } from './language.ts';
import { checkReferences } from './references.ts';
import { Source, type Problem } from './source.ts';
import { declaredVariables, fillIn, type Variables } from './variables.ts';

export interface ScenarioText {
  /** How the file is named in problems. */
  readonly file: string;
  readonly text: string;
  /** Values that replace the file's own (`--var`). */
  readonly overrides?: Variables;
}

/** A file that was understood. */
export interface ParsedScenario {
  readonly file: string;
  readonly scenario: ScenarioFile;
  readonly variables: Variables;
}

export type ParseResult =
  | { readonly ok: true; readonly parsed: ParsedScenario }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads a file; all problems of a kind are told at once, in order of their place. */
export function parseScenario({ file, text, overrides = {} }: ScenarioText): ParseResult {
  const source = new Source(file, text);
  const syntax = source.syntaxProblems();
  if (syntax.length > 0) return failed(syntax);

  const variables = withOverrides(file, declaredVariables(source), overrides);
  const unfilled = fillIn(source, variables);
  const checked = ScenarioFile.safeParse(source.value());
  if (!checked.success || unfilled.length > 0) {
    return failed([
      ...unfilled,
      ...elsewhere(unfilled, explain(source, checked.error?.issues ?? [])),
    ]);
  }
  const dangling = checkReferences(source, checked.data);
  if (dangling.length > 0) return failed(dangling);
  return { ok: true, parsed: { file, scenario: checked.data, variables } };
}

/** The file's meaning. @throws UserError `invalid-scenario` that lists every problem. */
export function parseScenarioOrThrow(text: ScenarioText): ParsedScenario {
  const result = parseScenario(text);
  if (result.ok) return result.parsed;
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

function withOverrides(file: string, declared: Variables, overrides: Variables): Variables {
  for (const name of Object.keys(overrides)) {
    if (Object.hasOwn(declared, name)) continue;
    const match = closest(name, Object.keys(declared));
    throw new UserError('usage', `${file} has no variable "${name}"`, {
      hint:
        match === undefined
          ? (suggest(name, Object.keys(declared)) ?? 'Variables are declared under `vars:`.')
          : `Did you mean --var ${match}=…?`,
    });
  }
  return { ...declared, ...overrides };
}
