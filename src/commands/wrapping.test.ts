import { expect, test } from 'vitest';

import { wrap } from './wrapping.ts';

test('lines break between words and keep their indentation', () => {
  expect(wrap('  one two three', 9)).toBe('  one two\n  three');
});

test('a second line may hang further to the right', () => {
  expect(wrap('one two three', 8, 2)).toBe('one two\n  three');
});

test('a word that is too long stands alone, and is whole', () => {
  expect(wrap('see 0198-0000-7000', 8)).toBe('see\n0198-0000-7000');
});

test('colour codes have no width, and without a width nothing breaks', () => {
  expect(wrap('\u001b[31mred\u001b[39m one', 7)).toBe('\u001b[31mred\u001b[39m one');
  expect(wrap('one two three', undefined)).toBe('one two three');
});
