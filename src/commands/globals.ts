/** The flags that every command takes, found before any command is loaded. */

export interface GlobalOptions {
  /** Results as exactly one JSON document (one per line for streams). */
  readonly json: boolean;
  /** --color or --no-color; undefined when neither was given. */
  readonly colour: boolean | undefined;
  /** Stack traces and causes of errors. */
  readonly verbose: boolean;
  /** --stack NAME. */
  readonly stack: string | undefined;
}

/** Declared on the program too, for help and for suggestions. */
export const GLOBAL_FLAGS: ReadonlyArray<readonly [flags: string, about: string]> = [
  ['--json', 'print the result as one JSON document'],
  ['--color', 'always use colour'],
  ['--no-color', 'never use colour'],
  ['--verbose', 'print stack traces and causes of errors'],
  ['--stack <name>', 'work with this stack instead of "default"'],
];

/** Reads the global flags from anywhere before `--`. `words` are the arguments of the program itself. */
export function parseGlobals(words: readonly string[]): GlobalOptions {
  const flags = ownWords(words);
  return {
    json: flags.includes('--json'),
    colour: lastOf(flags, '--color', '--no-color'),
    verbose: flags.includes('--verbose'),
    stack: stackOf(flags),
  };
}

/** Index of the command's name, or -1 when there are only global flags. */
export function commandIndex(words: readonly string[]): number {
  return words.findIndex(
    (word, index) => word !== '--' && !word.startsWith('-') && words[index - 1] !== '--stack',
  );
}

function ownWords(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  return end === -1 ? words : words.slice(0, end);
}

function lastOf(words: readonly string[], yes: string, no: string): boolean | undefined {
  const last = words.findLast((word) => word === yes || word === no);
  return last === undefined ? undefined : last === yes;
}

function stackOf(words: readonly string[]): string | undefined {
  const index = words.findLastIndex((word) => word === '--stack' || word.startsWith('--stack='));
  const word = words[index];
  if (word === undefined) return undefined;
  return word === '--stack' ? words[index + 1] : word.slice('--stack='.length);
}
