import { expect, test } from 'vitest';

import { commandIndex, parseGlobals } from './globals.ts';

test('global flags are found before and after the command', () => {
  expect(parseGlobals(['--json', 'orders'])).toMatchObject({ json: true, colour: undefined });
  expect(parseGlobals(['orders', '--stack', 'b', '--no-color'])).toMatchObject({
    json: false,
    stack: 'b',
    colour: false,
  });
  expect(parseGlobals(['orders', '--stack=b'])).toMatchObject({ stack: 'b' });
});

test('the last of --color and --no-color wins', () => {
  expect(parseGlobals(['--no-color', '--color']).colour).toBe(true);
});

test('what stands after -- is nobody’s flag', () => {
  expect(parseGlobals(['books', '--', '--json']).json).toBe(false);
});

test('the value of --stack is not the command', () => {
  expect(commandIndex(['--stack', 'orders', 'books'])).toBe(2);
  expect(commandIndex(['--json'])).toBe(-1);
});
