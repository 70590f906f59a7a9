/** Values of flags and arguments, checked where they are read. */
import { parseDuration } from '../kernel/durations.ts';
import { UserError } from '../kernel/errors.ts';
import { suggest } from '../kernel/suggestion.ts';

/** A whole number within bounds. The parser @throws UserError `usage` naming the flag. */
export function wholeNumber(flag: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^-?\d+$/.test(text) && value >= min && value <= max) return value;
    throw new UserError(
      'usage',
      `${flag} takes a whole number from ${min} to ${max}, not "${text}".`,
    );
  };
}

/** One of a few words. The parser @throws UserError `usage` with the nearest word. */
export function oneOf<Choice extends string>(
  flag: string,
  choices: readonly Choice[],
): (text: string) => Choice {
  return (text) => {
    const found = choices.find((each) => each === text.toLowerCase());
    if (found !== undefined) return found;
    const hint = suggest(text, choices);
    throw new UserError(
      'usage',
      `${flag} does not know "${text}".`,
      hint === undefined ? {} : { hint },
    );
  };
}

/** A duration such as `30s`, in milliseconds. */
export const duration = (text: string): number => parseDuration(text);

/** Gathers the values of a flag that may be given several times. */
export function repeated<Value>(
  parse: (text: string) => Value,
): (text: string, previous?: readonly Value[]) => readonly Value[] {
  return (text, previous = []) => [...previous, parse(text)];
}
