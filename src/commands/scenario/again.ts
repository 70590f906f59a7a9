/** The one command that plays a run again as it was played. */
import type { CommandContext } from '../context.ts';
import type { LoadedScenario } from './load.ts';

/** What was typed. */
export interface AgainOptions {
  /** Names or files; none means all. */
  readonly names: readonly string[];
  /** As typed: `name=value`. */
  readonly variables: readonly string[];
  readonly isolated: boolean;
  readonly engine: string | undefined;
}

/** Can be pasted into a shell. Seed and matrix are pinned, so that it is this one run. */
export function againCommand(
  { entry, plan, repetitions }: LoadedScenario,
  options: AgainOptions,
  { globals }: Pick<CommandContext, 'globals'>,
): string {
  const isNamed = options.names.length === 0 || options.names.includes(entry.name);
  const pinned = Object.entries(plan.cell).map(([name, value]) => `${name}=${String(value)}`);
  const typed = options.variables.filter((word) => {
    const name = word.slice(0, word.indexOf('='));
    return Object.hasOwn(plan.variables, name) && !Object.hasOwn(plan.cell, name);
  });
  const words = [
    'wonderland',
    'scenario',
    'run',
    isNamed ? entry.name : entry.file,
    ...[...typed, ...pinned].flatMap((each) => ['--var', each]),
    '--seed',
    String(plan.seed),
    ...(repetitions > 1 ? ['--repeat', '1'] : []),
    ...(options.isolated ? ['--isolated'] : []),
    ...(options.engine === undefined ? [] : ['--engine', options.engine]),
    ...(globals.stack === undefined ? [] : ['--stack', globals.stack]),
  ];
  return words.map(quote).join(' ');
}

function quote(word: string): string {
  return /^[\w./=:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
