/** From the words of the command line to plans; every problem of every file is told at once. */
import { workingDirectory } from '../../config/directories.ts';
import { UserError } from '../../kernel/errors.ts';
import { invalidScenario, parseScenario } from '../../scenario/language/parse.ts';
import type { Problem } from '../../scenario/language/source.ts';
import { readVariable, type Variables } from '../../scenario/language/variables.ts';
import { findScenarios, readScenario, type ScenarioEntry } from '../../scenario/library.ts';
import { planOf, type Plan } from '../../scenario/plan.ts';

export interface LoadedScenario {
  readonly entry: ScenarioEntry;
  readonly plan: Plan;
}

export interface Loaded {
  readonly scenarios: readonly LoadedScenario[];
  readonly problems: readonly Problem[];
}

/** Reads what the words name, all scenarios when there are none. @throws UserError `unknown-scenario` */
export async function loadScenarios(
  names: readonly string[],
  overrides: Variables,
): Promise<Loaded> {
  const scenarios: LoadedScenario[] = [];
  const problems: Problem[] = [];
  for (const entry of await findScenarios(names, workingDirectory())) {
    const text = await readScenario(entry);
    const result = parseScenario({ file: entry.file, text, overrides });
    if (result.ok) scenarios.push({ entry, plan: planOf(result.parsed) });
    else problems.push(...result.problems);
  }
  return { scenarios, problems };
}

/** As `loadScenarios`. @throws UserError `invalid-scenario` when any file has a problem. */
export async function loadValidScenarios(
  names: readonly string[],
  overrides: Variables,
): Promise<readonly LoadedScenario[]> {
  const { scenarios, problems } = await loadScenarios(names, overrides);
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
