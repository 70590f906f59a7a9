/** Commands inside advice (`wonderland trace 0198…`), spelled so that they work where they are read. */
import type { Invocation } from '../config/invocation.ts';
import { commandNames } from './catalogue.ts';

/** Gives every `wonderland …` in a text the program and the stack of this invocation. */
export type Spell = (text: string) => string;

/** A command up to what ends it: a mark, a gap, or the words with which a sentence goes on. */
const END = String.raw` (?:or|and|to) |[.:] | {2}|[.:]? *(?:[\n\`,;()]|$)`;
const NAMES = [...commandNames(), 'help'].join('|');
const COMMAND = new RegExp(
  String.raw`(?<![\w./-]|npx )wonderland (?=(?:${NAMES})(?![\w-]))[^\n\`,;()]*?(?=${END})`,
  'g',
);
/** Commands that have to do with no stack. */
const STACKLESS = /^wonderland (?:help|completion)\b| --help$/;

export function openSpelling({ program, stack }: Invocation): Spell {
  const spell = (command: string): string => {
    const isComplete =
      stack === undefined || STACKLESS.test(command) || command.includes('--stack');
    const flag = isComplete ? '' : ` --stack ${stack}`;
    return `${program}${command.slice('wonderland'.length)}${flag}`;
  };
  return (text) => text.replaceAll(COMMAND, spell);
}

/** Fields of results and errors that hold advice; all others are data. */
const ADVICE = new Set(['hint', 'next']);

/** A replacer for JSON.stringify: spells the advice inside a document. */
export function adviceReplacer(spell: Spell): (key: string, value: unknown) => unknown {
  return (key, value) => (ADVICE.has(key) && typeof value === 'string' ? spell(value) : value);
}
