/** `${name}` in a scenario file: the only expression there is. */
import { parse } from 'yaml';

import { suggest } from '../../kernel/suggestion.ts';
import type { Problem, Source } from './source.ts';

export type Variable = string | number | boolean;
export type Variables = Readonly<Record<string, Variable>>;

const REFERENCE = /\$\{([^{}]*)\}/g;

/** The value of `--var name=value`: a number or a truth value when it is written like one. */
export function readVariable(text: string): Variable {
  try {
    const value: unknown = parse(text);
    return typeof value === 'number' || typeof value === 'boolean' ? value : text;
  } catch {
    return text;
  }
}

/** The defaults that a file gives; anything that is no scalar is told by the schema later. */
export function declaredVariables(source: Source): Variables {
  const declared = source.at(['vars']);
  if (typeof declared !== 'object' || declared === null) return {};
  return Object.fromEntries(
    Object.entries(declared).filter((entry): entry is [string, Variable] =>
      ['string', 'number', 'boolean'].includes(typeof entry[1]),
    ),
  );
}

/** Fills in every `${name}`. Text that is nothing else takes the variable's own type. */
export function fillIn(source: Source, variables: Variables): Problem[] {
  return source.replaceText((text) => {
    const [whole] = text.matchAll(REFERENCE);
    const problem = unknownReference(text, variables);
    if (problem !== undefined) return { value: text, problem };
    if (whole?.[0] === text) return { value: variables[whole[1] ?? ''] };
    return { value: text.replaceAll(REFERENCE, (_, name: string) => String(variables[name])) };
  });
}

function unknownReference(text: string, variables: Variables): string | undefined {
  for (const [, name = ''] of text.matchAll(REFERENCE)) {
    if (Object.hasOwn(variables, name)) continue;
    if (Object.keys(variables).length === 0) {
      return `there is no variable "${name}": no variable is declared under vars`;
    }
    const hint = suggest(name, Object.keys(variables));
    return `there is no variable "${name}" in vars.${hint === undefined ? '' : ` ${hint}`}`;
  }
  return undefined;
}
