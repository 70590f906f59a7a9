// Goal: the published schema says of a file what the parser says. Method: both judge the library and what is misspelt.
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { listScenarios } from '../library.ts';
import { parseScenario } from './parse.ts';

const PUBLISHED = path.resolve(import.meta.dirname, '../../../docs/scenario.schema.json');
/** `strictTypes` minds that some lists of alternatives name no type; they are closed by their values. */
const ajv = new Ajv({ allErrors: true, strictTypes: false });
const isValid = ajv.compile(JSON.parse(readFileSync(PUBLISHED, 'utf8')) as object);

const good = (rest: string): string => `scenario: x
about: A test.
given: { books: { 42: { stock: 5, price: 39.00 } } }
steps: [{ order: { id: o1, customer: alice, book: 42 } }]
${rest}`;

function judge(text: string): { schema: boolean; parser: boolean } {
  return { schema: isValid(parse(text)), parser: parseScenario({ file: 'x.yaml', text }).ok };
}

test('every scenario that comes with Wonderland is valid to editors, and names the schema', async () => {
  const entries = await listScenarios('/nowhere');
  expect(entries.length).toBeGreaterThanOrEqual(24);
  for (const { path: file, name } of entries) {
    const text = readFileSync(file, 'utf8');
    const errors = isValid(parse(text)) ? [] : isValid.errors;
    expect({ name, errors }).toEqual({ name, errors: [] });
    const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
    expect(path.resolve(path.dirname(file), schema)).toBe(PUBLISHED);
  }
});

test.each([
  ['prices with cents', 'expect: { paid: { o1: 39.07 } }'],
  [
    'variables in the place of words, numbers and durations',
    `vars: { at: payment.charge@deliver, n: 2, t: 5s }
faults: [{ at: '\${at}', duplicate: '\${n}' }]
settle: '\${t}'`,
  ],
  [
    'every form of a place',
    `faults:
  - { at: '*.*@deliver', delay: 0s..50ms, times: all }
  - { at: 'order.confirmed#3', crash: payment }
  - { at: t+5s, restart: broker, for: 3s }`,
  ],
  ['comparisons', 'expect: { messages: { redelivered: ">= 1" }, latency: { order.p99: "< 2s" } }'],
])('both accept %s', (_, rest) => {
  expect(judge(good(rest))).toEqual({ schema: true, parser: true });
});

test.each([
  ['a misspelt key', 'expct: { order: { o1: confirmed } }'],
  ['a misspelt key of expect', 'expect: { ordr: { o1: confirmed } }'],
  ['a key of a step that does not exist', 'steps: [{ ordre: { id: o2, book: 42 } }]'],
  ['a misspelt message', 'faults: [{ at: payment.chrge@handle, drop: true }]'],
  ['a misspelt point', 'faults: [{ at: payment.charge@handel, error: no }]'],
  ['a misspelt part', 'faults: [{ at: payment.charge@handle, crash: paymnt }]'],
  ['a misspelt status', 'expect: { order: { o1: confimed } }'],
  ['a misspelt event', 'expect: { trace: { o1: [chargd] } }'],
  ['a misspelt count', 'expect: { count: { order.confimed: 1 } }'],
  ['a book that is no number', 'expect: { stock: { guide: 1 } }'],
  ['a fault of two verbs', 'faults: [{ at: payment.charge@handle, drop: true, error: no }]'],
  ['a fault of no verb', 'faults: [{ at: payment.charge@handle }]'],
  ['a duration without a unit', 'settle: 30'],
  ['an invariant that does not exist', 'invariants: { paid-twice: skip }'],
  ['a misspelt policy', 'given: { policy: { payment-timout: 5s } }'],
])('both refuse %s', (_, rest) => {
  const key = rest.slice(0, rest.indexOf(':'));
  const text = good('').replace(new RegExp(`^${key}:.*\n`, 'm'), '');
  expect(judge(`${text}${rest}`)).toEqual({ schema: false, parser: false });
});
