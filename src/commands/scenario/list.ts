/** Lists all scenarios with what each is about. */
import type { CommandContext } from '../context.ts';
import { loadScenarios } from './load.ts';
import { formatProblem } from '../../scenario/language/parse.ts';

export async function runScenarioList(context: CommandContext): Promise<void> {
  const { output } = context;
  const { scenarios, problems } = await loadScenarios([], {});
  const rows = scenarios.map(({ entry, plan }) => ({
    name: entry.name,
    about: plan.about,
    tags: plan.tags,
    file: entry.file,
  }));
  output.result({ scenarios: rows }, () =>
    rows
      .map(({ name, about, tags }) => {
        const heading = `${output.paint('strong', name)}  ${output.paint('quiet', tags.join(' '))}`;
        return [heading.trimEnd(), ...wrap(about, (output.columns ?? 100) - 2)].join('\n  ');
      })
      .join('\n\n'),
  );
  for (const problem of problems) output.warn(formatProblem(problem));
  output.hint('Play one: wonderland scenario run payment-failure');
}

/** Lines of at most `width` characters, broken between words. */
function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}
