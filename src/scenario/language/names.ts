/** Names that a scenario uses, and what is said of one that it does not have. */
import { suggest } from '../../kernel/suggestion.ts';

export function unknown(what: string, name: string, known: readonly string[]): string {
  const hint = suggest(name, known);
  return `there is no ${what} "${name}" in this scenario.${hint === undefined ? '' : ` ${hint}`}`;
}

export function isAmong(name: string, named: ReadonlyArray<{ readonly name: string }>): boolean {
  return named.some((each) => each.name === name);
}
