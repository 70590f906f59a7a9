/** The values that scenario files are written with: durations, prices, amounts, words from a list. */
import { z } from 'zod';

import { parseDuration } from '../../kernel/durations.ts';
import { suggest } from '../../kernel/suggestion.ts';

const quote = (input: unknown): string =>
  typeof input === 'string' ? `"${input}"` : JSON.stringify(input);

/** The error of a value that is not what it must be; a missing value is told elsewhere. */
const not = (what: string) => (issue: { readonly input?: unknown }) =>
  issue.input === undefined ? undefined : `${quote(issue.input)} is not ${what}`;

/** Text of a pattern, described in words for the error. */
export function written(pattern: RegExp, what: string): z.ZodString {
  return z.string({ error: not(what) }).regex(pattern, { error: not(what) });
}

/** One word of a closed list; a misspelt one is told with the closest known word. */
export function oneOf<const Words extends readonly [string, ...string[]]>(
  what: string,
  words: Words,
) {
  return z.enum(words, {
    error: (issue) => {
      const hint = typeof issue.input === 'string' ? suggest(issue.input, words) : undefined;
      const problem = not(what)(issue);
      return hint === undefined ? problem : `${problem}. ${hint}`;
    },
  });
}

/** A whole number between two ends. */
export function whole(min: number, max: number): z.ZodInt {
  const error = not(`a whole number from ${min} to ${max}`);
  return z.int({ error }).min(min, { error }).max(max, { error });
}

const DURATION = '\\d+(?:\\.\\d+)?\\s*(?:ms|s|m|h|d)';

/** `250ms`, `5s`; in milliseconds. */
export const Duration = written(
  new RegExp(`^${DURATION}$`),
  'a duration such as 250ms, 5s or 2m',
).transform(parseDuration);

/** `30s`, or `0s..50ms` for anything between; in milliseconds. */
export const DurationRange = written(
  new RegExp(`^${DURATION}(?:\\.\\.${DURATION})?$`),
  'a duration such as 2s, or a range such as 0s..50ms',
).transform((text) => {
  const [from = '', to = from] = text.split('..');
  return { minMs: parseDuration(from), maxMs: parseDuration(to) };
});
export type DurationRange = z.output<typeof DurationRange>;

/** `+10m`, `-30s`; in milliseconds. */
export const Shift = written(
  new RegExp(`^[+-]${DURATION}$`),
  'how wrong the clock is, such as +10m or -30s',
).transform((text) => parseDuration(text.slice(1)) * (text.startsWith('-') ? -1 : 1));

/** `20%`; a share from 0 to 1. */
export const Share = written(/^(?:100|[1-9]?\d(?:\.\d+)?)%$/, 'a share such as 20% or 0.5%')
  .transform((text) => Number(text.slice(0, -1)) / 100)
  .refine((share) => share > 0, { error: 'a share of 0% hits nothing' });

const priceError = not('a price with at most two decimals, such as 39.00');

/** `39.00`; in cents. */
export const Price = z
  .number({ error: priceError })
  .min(0, { error: priceError })
  .max(1_000_000, { error: priceError })
  .multipleOf(0.01, { error: priceError })
  .transform((euros) => Math.round(euros * 100));

/** A number that must be met exactly, or compared with. */
export interface Amount {
  readonly comparison: '=' | '<' | '<=' | '>' | '>=';
  readonly value: number;
}

const amountError = not('a whole number, or a quoted comparison such as ">= 1"');
const COMPARISON = /^(<=|>=|<|>)\s*(\d+)$/;

/** `3`, or a quoted comparison such as `">= 1"`. */
export const Amount = z
  .union([z.int({ error: amountError }), z.string().regex(COMPARISON, { error: amountError })], {
    error: amountError,
  })
  .transform((input): Amount => {
    const match = typeof input === 'string' ? COMPARISON.exec(input) : undefined;
    if (!match) return { comparison: '=', value: Number(input) };
    return { comparison: match[1] as Amount['comparison'], value: Number(match[2]) };
  });

const LIMIT = new RegExp(`^(<=|<)\\s*(${DURATION})$`);

/** A quoted limit such as `"< 2s"`; milliseconds. */
export const DurationLimit = written(LIMIT, 'a quoted limit such as "< 2s"').transform(
  (text): Amount => {
    const [, comparison = '<', duration = '0s'] = LIMIT.exec(text) ?? [];
    return { comparison: comparison as Amount['comparison'], value: parseDuration(duration) };
  },
);

const COMPARE: Record<Amount['comparison'], (found: number, value: number) => boolean> = {
  '=': (found, value) => found === value,
  '<': (found, value) => found < value,
  '<=': (found, value) => found <= value,
  '>': (found, value) => found > value,
  '>=': (found, value) => found >= value,
};

/** Does the number found meet the amount? */
export function meets(found: number, { comparison, value }: Amount): boolean {
  return COMPARE[comparison](found, value);
}

/** The amount as it is read: `3`, `>= 1`. */
export function formatAmount(amount: Amount): string {
  return amount.comparison === '=' ? `${amount.value}` : `${amount.comparison} ${amount.value}`;
}
