/** Checks scenario files without running them. */
import { invalidScenario } from '../../scenario/language/parse.ts';
import type { CommandContext } from '../context.ts';
import { loadScenarios } from './load.ts';

/** @throws UserError `invalid-scenario` that lists every problem with its line and column. */
export async function runScenarioValidate(
  { names }: { readonly names: readonly string[] },
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  const { scenarios, problems } = await loadScenarios({ names });
  if (problems.length > 0) throw invalidScenario(problems);
  const files = [...new Set(scenarios.map(({ entry }) => entry.file))];
  const runs = (file: string): number =>
    scenarios.filter(({ entry }) => entry.file === file).length;
  output.result({ valid: files }, () =>
    files
      .map((file) => {
        const many = runs(file) > 1 ? output.paint('quiet', `  ${runs(file)} runs`) : '';
        return `${output.paint('good', '✔')} ${file}${many}`;
      })
      .join('\n'),
  );
}
