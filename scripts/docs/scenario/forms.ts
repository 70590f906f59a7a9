/** How a value is written, in the words in which the parser refuses a wrong one: they cannot say anything else. */
import { z } from 'zod';

import { code } from '../sections.ts';
import { childrenOf, isLookup, peel } from './schemas.ts';

/** Nothing takes it. */
const NONSENSE = '§';
const TOO_LONG = '1000h';
/** More words than these have a list elsewhere on the page. */
const MAX_WORDS = 10;

export function formOf(schema: z.ZodType): string {
  const { core } = peel(schema);
  if (core instanceof z.ZodArray) return `a list of: ${formOf(core.element as z.ZodType)}`;
  if (core instanceof z.ZodObject) return isLookup(core) ? lookupForm(core) : 'a mapping';
  if (core instanceof z.ZodRecord) return recordForm(core);
  if (core instanceof z.ZodLiteral) return code(...[...core.values].map(String));
  if (core instanceof z.ZodEnum && core.options.length <= MAX_WORDS) {
    return code(...core.options.map(String));
  }
  const told = refusalOf(core);
  return told === undefined ? textForm(core) : `${told}${limitOf(core)}`;
}

/** `"§" is not a duration such as 5s`, without its beginning. */
function refusalOf(schema: z.ZodType): string | undefined {
  const isAnyText = schema instanceof z.ZodUnion && schema.safeParse(NONSENSE).success;
  const message = schema.safeParse(isAnyText ? [] : NONSENSE).error?.issues[0]?.message;
  return message?.replace(`"${NONSENSE}" is not `, '').replace(/^(a variable|times) is /, '');
}

/** A limit that the words do not tell. */
function limitOf(schema: z.ZodType): string {
  const message = schema.safeParse(TOO_LONG).error?.issues[0]?.message ?? '';
  const [, limit] = /^this is longer than (\S+)$/.exec(message) ?? [];
  return limit === undefined ? '' : `, at most ${limit}`;
}

function recordForm(record: z.ZodRecord): string {
  const value = peel(record.valueType as z.ZodType).core;
  if (value instanceof z.ZodUnknown) return 'a mapping';
  const key = refusalOf(record.keyType as z.ZodType) ?? 'a name';
  return `a mapping from ${key} to ${formOf(value)}`;
}

function lookupForm(schema: z.ZodType): string {
  const children = childrenOf(schema);
  const [first] = children;
  const value = first === undefined ? '' : formOf(first.schema);
  return `a mapping from any of ${code(...children.map(({ name }) => name))} to ${value}`;
}

function textForm(schema: z.ZodType): string {
  const { maxLength } = z.toJSONSchema(schema, { io: 'input' });
  return maxLength === undefined ? 'text' : `text of at most ${maxLength} characters`;
}
