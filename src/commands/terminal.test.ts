import { expect, test } from 'vitest';

import { readTerminalEnvironment } from '../config/terminal.ts';
import { factsOf, wantsColour } from './terminal.ts';

const from = (variables: Record<string, string>) => readTerminalEnvironment(variables);

test.each([
  ['the flag beats everything', true, { NO_COLOR: '1', FORCE_COLOR: '0' }, false, true],
  ['FORCE_COLOR beats NO_COLOR', undefined, { NO_COLOR: '1', FORCE_COLOR: '1' }, false, true],
  ['FORCE_COLOR=0 is off', undefined, { FORCE_COLOR: '0' }, true, false],
  ['NO_COLOR beats the terminal', undefined, { NO_COLOR: '1' }, true, false],
  ['an empty NO_COLOR says nothing', undefined, { NO_COLOR: '' }, true, true],
  ['TERM=dumb has no colour', undefined, { TERM: 'dumb' }, true, false],
  ['a terminal has colour', undefined, {}, true, true],
  ['a pipe has none', undefined, {}, false, false],
] as const)('colour: %s', (_rule, flag, variables, isTerminal, expected) => {
  expect(wantsColour(flag, from(variables), isTerminal)).toBe(expected);
});

test('a dumb terminal is a terminal, but nothing is redrawn on it', () => {
  const facts = factsOf({ isTTY: true, columns: 80 }, from({ TERM: 'dumb' }), undefined);
  expect(facts).toMatchObject({ isTerminal: true, isLive: false, columns: 80 });
});

test('nothing is redrawn on a terminal without a size', () => {
  const facts = factsOf({ isTTY: true, columns: 0 }, from({}), undefined);
  expect(facts).toMatchObject({ isTerminal: true, isLive: false, columns: undefined });
});

test('a pipe has no width unless COLUMNS gives it one', () => {
  expect(factsOf({}, from({}), undefined).columns).toBeUndefined();
  expect(factsOf({}, from({ COLUMNS: '40' }), undefined).columns).toBe(40);
  expect(factsOf({}, from({ COLUMNS: 'wide' }), undefined).columns).toBeUndefined();
});
