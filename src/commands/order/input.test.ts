import { expect, test } from 'vitest';

import { bookIdOf, mergeLines, pairQuantities, parseBook, parseQuantity } from './input.ts';

const books = (...texts: string[]) => texts.map(parseBook);

test('a book is written as an id, or as an id with a quantity', () => {
  expect(parseBook('42')).toEqual({ text: '42', quantity: undefined });
  expect(parseBook(' 42=2 ')).toEqual({ text: '42', quantity: 2 });
});

test('one --quantity holds for all books that have none of their own', () => {
  expect(pairQuantities(books('42', '7=1'), [3])).toEqual([
    { text: '42', quantity: 3 },
    { text: '7', quantity: 1 },
  ]);
});

test('several --quantity flags belong to the books in order', () => {
  expect(pairQuantities(books('42', '7'), [1, 2]).map((each) => each.quantity)).toEqual([1, 2]);
});

test('quantities that match no book are refused', () => {
  expect(() => pairQuantities(books('42'), [1, 2])).toThrow('2 quantities do not fit 1 book');
});

test.each(['0', '4', '-1', '1.5', 'two', ''])('a quantity of "%s" is refused', (text) => {
  expect(() => parseQuantity(text)).toThrow('1 to 3 copies');
});

test('a book that is named twice becomes one line', () => {
  const line = { bookId: 42, quantity: 1 };
  expect(mergeLines([line, line])).toEqual([{ bookId: 42, quantity: 2 }]);
  expect(() => mergeLines([line, line, line, line])).toThrow('not 4');
});

test('only a whole number of the right size can be the id of a book', () => {
  expect(bookIdOf('42')).toBe(42);
  for (const text of ['0', '-1', '4e2', 'emma', '99999999999'])
    expect(bookIdOf(text)).toBeUndefined();
});
