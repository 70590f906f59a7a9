/** Commands inside advice (`wonderland trace 0198…`), spelled so that they work where they are read. */
import type { Invocation } from '../config/invocation.ts';

/** Gives every `wonderland …` in a text the program and the stack of this invocation. */
export type Spell = (text: string) => string;

/** A command up to what ends it: a mark, a gap, or the words with which a sentence goes on. */
const END = String.raw` (?:or|and|to) |[.:] | {2}|[.:]? *(?:[\n\`,;()]|$)`;
/** Commands that have to do with no stack. */
const STACKLESS = /^wonderland (?:help|completion)\b| --help$/;

/** @param names the commands that there are; other words after `wonderland` are prose. */
export function openSpelling({ program, stack }: Invocation, names: readonly string[]): Spell {
  const start = String.raw`(?<![\w./-]|npx )wonderland (?=(?:${[...names, 'help'].join('|')})(?![\w-]))`;
  const advised = new RegExp(String.raw`${start}[^\n\`,;()]*?(?=${END})`, 'g');
  const spell = (command: string): string => {
    const isComplete =
      stack === undefined || STACKLESS.test(command) || command.includes('--stack');
    const flag = isComplete ? '' : ` --stack ${stack}`;
    return `${program}${command.slice('wonderland'.length)}${flag}`;
  };
  return (text) => text.replaceAll(advised, spell);
}

/** Fields of results and errors that hold advice; all others are data. */
const ADVICE = new Set(['hint', 'next']);

/** A replacer for JSON.stringify: spells the advice inside a document. */
export function adviceReplacer(spell: Spell): (key: string, value: unknown) => unknown {
  return (key, value) => (ADVICE.has(key) && typeof value === 'string' ? spell(value) : value);
}
