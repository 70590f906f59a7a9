/** Checks scenario files without running them. */
import { invalidScenario } from '../../scenario/language/parse.ts';
import type { CommandContext } from '../context.ts';
import { loadScenarios } from './load.ts';

/** @throws UserError `invalid-scenario` that lists every problem with its line and column. */
export async function runScenarioValidate(
  { names }: { readonly names: readonly string[] },
  context: CommandContext,
): Promise<void> {
  const { scenarios, problems } = await loadScenarios(names, {});
  if (problems.length > 0) throw invalidScenario(problems);
  const files = scenarios.map(({ entry }) => entry.file);
  context.output.result({ valid: files }, () =>
    files.map((file) => `${context.output.paint('good', '✔')} ${file}`).join('\n'),
  );
}
