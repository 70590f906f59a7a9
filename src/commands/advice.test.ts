import { expect, test } from 'vitest';

import { readInvocation } from '../config/invocation.ts';
import { adviceReplacer, openSpelling } from './advice.ts';
import { commandNames } from './catalogue.ts';

const spell = openSpelling({ program: 'npx wonderland', stack: 'b' }, commandNames());

test.each([
  ['Next: wonderland trace 0198', 'Next: npx wonderland trace 0198 --stack b'],
  [
    'See `wonderland ps`, `wonderland logs payment`.',
    'See `npx wonderland ps --stack b`, `npx wonderland logs payment --stack b`.',
  ],
  [
    'See whether it runs: wonderland ps, wonderland logs payment',
    'See whether it runs: npx wonderland ps --stack b, npx wonderland logs payment --stack b',
  ],
  ['Start it with wonderland up.', 'Start it with npx wonderland up --stack b.'],
  [
    'Try wonderland ps or wonderland logs -f\nthen',
    'Try npx wonderland ps --stack b or npx wonderland logs -f --stack b\nthen',
  ],
])('%s', (text, expected) => {
  expect(spell(text)).toBe(expected);
});

test.each([
  'wonderland __complete -- order',
  'the wonderland of messages',
  '/usr/bin/wonderland up',
  'npx wonderland up',
])('%s is left as it is', (text) => {
  expect(spell(text)).toBe(text);
});

test('a stack that is named already stays, and a shell completion belongs to none', () => {
  expect(spell('wonderland down --stack c')).toBe('npx wonderland down --stack c');
  expect(spell('wonderland completion bash')).toBe('npx wonderland completion bash');
});

test('the default stack of an installed program needs nothing', () => {
  const asIs = openSpelling(readInvocation({ stack: undefined }, {}), commandNames());
  expect(asIs('Next: wonderland ps')).toBe('Next: wonderland ps');
});

test('in JSON only advice is spelled, data never', () => {
  const document = { next: 'wonderland ps', message: 'wonderland ps' };
  expect(JSON.parse(JSON.stringify(document, adviceReplacer(spell)))).toEqual({
    next: 'npx wonderland ps --stack b',
    message: 'wonderland ps',
  });
});

test.each([
  [{ npm_lifecycle_event: 'npx' }, 'npx wonderland'],
  [{ npm_command: 'exec' }, 'npx wonderland'],
  [{ npm_command: 'run-script', npm_lifecycle_event: 'start' }, 'wonderland'],
])('%o is a call of %s', (environment, program) => {
  expect(readInvocation({}, environment).program).toBe(program);
});

test('--stack beats WONDERLAND_STACK, and the default is not named', () => {
  const environment = { WONDERLAND_STACK: 'a' };
  expect(readInvocation({}, environment).stack).toBe('a');
  expect(readInvocation({ stack: 'default' }, environment).stack).toBeUndefined();
});
