/** Shows the plan of one scenario: what it does, what goes wrong, what must hold. */
import { describePlan } from '../../scenario/report/plan-text.ts';
import type { CommandContext } from '../context.ts';
import { loadValidScenarios, parseVariables } from './load.ts';

export interface ScenarioShowOptions {
  readonly name: string;
  /** As typed: `name=value`. */
  readonly variables: readonly string[];
}

export async function runScenarioShow(
  options: ScenarioShowOptions,
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  const [loaded] = await loadValidScenarios([options.name], parseVariables(options.variables));
  if (loaded === undefined) return;
  const { plan } = loaded;
  output.result({ plan }, () => {
    const sections = describePlan(plan).map(([title, lines]) =>
      [output.paint('strong', title), ...lines.map((line) => `  ${line}`)].join('\n'),
    );
    const heading = `${output.paint('strong', plan.name)}  ${output.paint('quiet', plan.file)}`;
    return [`${heading}\n${plan.about}`, ...sections].join('\n\n');
  });
  output.hint(`Play it: wonderland scenario run ${options.name}`);
}
