/** Shows the plan of a scenario: what it does, what goes wrong, what must hold; or what it would do here. */
import { describePlan } from '../../scenario/report/plan-text.ts';
import type { CommandContext } from '../context.ts';
import { wrap } from '../wrapping.ts';
import { loadValidScenarios, parseVariables, type LoadedScenario } from './load.ts';

export interface ScenarioShowOptions {
  readonly name: string;
  /** As typed: `name=value`. */
  readonly variables: readonly string[];
  readonly seed: number | undefined;
  readonly repeat: number | undefined;
  /** What would be done on this machine. */
  readonly isDry: boolean;
  readonly isolated: boolean;
  readonly engine: string | undefined;
}

export type Sections = ReadonlyArray<readonly [title: string, lines: readonly string[]]>;

export async function runScenarioShow(
  options: ScenarioShowOptions,
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  const { name, seed, repeat } = options;
  const variables = parseVariables(options.variables);
  const loaded = await loadValidScenarios({ names: [name], variables, seed, repeat });
  const [first] = loaded;
  if (first === undefined) return;
  const { plan } = first;
  const runs = loaded.map(({ plan: { title, seed: ofRun, cell } }) => ({
    title,
    seed: ofRun,
    cell,
  }));
  if (options.isDry) {
    const { describeDry } = await import('./dry.ts');
    const dry = await describeDry(loaded, options, context);
    output.result({ plan, runs, dry: dry.facts }, () => {
      return [headingOf(first, output), ...render(dry.sections, output)].join('\n\n');
    });
    return output.hint(`Nothing was done. Play it: wonderland scenario run ${name}`);
  }
  const many: Sections =
    runs.length === 1 ? [] : [[`All ${runs.length} runs`, loaded.map((each) => describeRun(each))]];
  const title =
    loaded.length === 1 ? [] : [output.paint('quiet', `The first of them: ${plan.title}`)];
  output.result({ plan, runs }, () =>
    [
      headingOf(first, output),
      ...render(many, output),
      ...title,
      ...render(describePlan(plan), output),
    ].join('\n\n'),
  );
  output.hint(`What it would do here: wonderland scenario show ${name} --dry`);
  output.hint(`Play it: wonderland scenario run ${name}`);
}

function headingOf({ plan }: LoadedScenario, { paint, columns }: CommandContext['output']): string {
  const heading = `${paint('strong', plan.name)}  ${paint('quiet', plan.file)}`;
  return `${heading}\n${wrap(plan.about, columns)}`;
}

function describeRun({ plan: { title, seed } }: LoadedScenario): string {
  return `${title}  seed ${seed}`;
}

function render(sections: Sections, { paint, columns }: CommandContext['output']): string[] {
  return sections.map(([title, lines]) =>
    [paint('strong', title), ...lines.map((line) => wrap(`  ${line}`, columns, 2))].join('\n'),
  );
}
