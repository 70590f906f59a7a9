/** The keys of scenario files as tables: read from the definition that the parser uses, and in its own words. */
import { z } from 'zod';

import { Expectation } from '../../../src/scenario/language/expectations.ts';
import { Fault } from '../../../src/scenario/language/faults.ts';
import { ScenarioFile } from '../../../src/scenario/language/language.ts';
import { Step } from '../../../src/scenario/language/steps.ts';
import { code, table } from '../sections.ts';
import { formOf } from './forms.ts';
import { childrenOf, isLookup, peel } from './schemas.ts';

/** Have tables of their own. */
const ELSEWHERE: ReadonlyMap<z.ZodType, string> = new Map<z.ZodType, string>([
  [Expectation, '[what is expected](#what-is-expected)'],
  [Fault, '[faults](#faults)'],
  [Step, '[steps](#steps)'],
]);

export const fileKeys = (): string => keysOf(ScenarioFile);
export const stepKeys = (): string => keysOf(Step);
export const faultKeys = (): string => keysOf(Fault);
export const expectationKeys = (): string => keysOf(Expectation);

function keysOf(schema: z.ZodType): string {
  return table(['key', 'written as', 'default', 'meaning'], rowsOf(schema, ''));
}

function rowsOf(schema: z.ZodType, prefix: string): string[][] {
  return childrenOf(schema).flatMap(({ name, schema: child }) => {
    const key = `${prefix}${name}`;
    const { core, description, standard, isOptional } = peel(child);
    if (description === undefined) throw new Error(`"${key}" has no description`);
    const [other, many] = elsewhere(core);
    const form = other === undefined ? formOf(core) : `${many ? 'a list of ' : ''}${other}`;
    const row = [code(key), form, standardOf(standard, isOptional, form), description];
    return [row, ...(other === undefined && !isLookup(core) ? rowsOf(core, `${key}.`) : [])];
  });
}

/** The link to the table of a schema, or of the elements of a list. */
function elsewhere(core: z.ZodType): [link: string | undefined, isList: boolean] {
  if (core instanceof z.ZodArray) {
    return [ELSEWHERE.get(peel(core.element as z.ZodType).core), true];
  }
  return [ELSEWHERE.get(core), false];
}

function standardOf(standard: unknown, isOptional: boolean, form: string): string {
  if (standard === undefined) return isOptional ? '' : 'must be there';
  if (typeof standard === 'number' && form.startsWith('a duration')) {
    return code(`${standard / 1_000}s`);
  }
  if (Array.isArray(standard)) return standard.length === 0 ? '' : code(`[${standard.join(', ')}]`);
  return typeof standard === 'object' ? '' : code(JSON.stringify(standard).replaceAll('"', ''));
}
