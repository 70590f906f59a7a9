/** The one command that plays a scenario again as it was played. */
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

/** Can be pasted into a shell. */
export function againCommand(
  { entry }: LoadedScenario,
  options: AgainOptions,
  { globals }: Pick<CommandContext, 'globals'>,
): string {
  const isNamed = options.names.length === 0 || options.names.includes(entry.name);
  const words = [
    'wonderland',
    'scenario',
    'run',
    isNamed ? entry.name : entry.file,
    ...options.variables.flatMap((each) => ['--var', each]),
    ...(options.isolated ? ['--isolated'] : []),
    ...(options.engine === undefined ? [] : ['--engine', options.engine]),
    ...(globals.stack === undefined ? [] : ['--stack', globals.stack]),
  ];
  return words.map(quote).join(' ');
}

function quote(word: string): string {
  return /^[\w./=:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
