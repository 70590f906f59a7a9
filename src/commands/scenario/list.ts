/** Lists all scenarios with what each is about, grouped by folder or first tag. */
import { formatProblem } from '../../scenario/language/parse.ts';
import type { CommandContext } from '../context.ts';
import { wrap } from '../wrapping.ts';
import { loadScenarios, type LoadedScenario } from './load.ts';

export interface ScenarioListOptions {
  readonly tags: readonly string[];
}

interface Row {
  readonly name: string;
  /** The heading it stands under. */
  readonly group: string;
  readonly about: string;
  readonly tags: readonly string[];
  readonly file: string;
  /** How often it is played: each combination of its matrix, times its repeats. */
  readonly runs: number;
}

/** Of those that lie in no folder and have no tag. */
const UNGROUPED = 'others';

export async function runScenarioList(
  { tags }: ScenarioListOptions,
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  const { scenarios, problems } = await loadScenarios({ names: [], tags });
  const rows = rowsOf(scenarios);
  output.result({ scenarios: rows }, () => render(rows, output));
  for (const problem of problems) output.warn(formatProblem(problem));
  const [first] = rows;
  if (first === undefined) return;
  const [tag] = tags;
  const all = tag === undefined ? '' : `; all of these: wonderland scenario run --tag ${tag}`;
  output.hint(`Play one: wonderland scenario run ${first.name}${all}`);
}

function rowsOf(scenarios: readonly LoadedScenario[]): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const { entry, plan } of scenarios) {
    const { name, file, folder } = entry;
    const { about, tags } = plan;
    const group = folder === '' ? (tags[0] ?? UNGROUPED) : folder;
    const runs = (rows.get(file)?.runs ?? 0) + 1;
    rows.set(file, { name, group, about, tags, file, runs });
  }
  return [...rows.values()];
}

function render(rows: readonly Row[], { paint, columns }: CommandContext['output']): string {
  const groups = [...new Set(rows.map(({ group }) => group))].toSorted((a, b) => {
    return Number(a === UNGROUPED) - Number(b === UNGROUPED) || a.localeCompare(b);
  });
  return groups
    .map((group) => {
      const entries = rows
        .filter((row) => row.group === group)
        .map(({ name, about, tags, runs }) => {
          const notes = [...tags, ...(runs > 1 ? [`${runs} runs`] : [])].join(' · ');
          const heading = `  ${paint('strong', name)}  ${paint('quiet', notes)}`.trimEnd();
          return `${heading}\n${wrap(`    ${about.replaceAll(/\s+/g, ' ')}`, columns ?? 100)}`;
        });
      return [paint('accent', group), ...entries].join('\n\n');
    })
    .join('\n\n');
}
