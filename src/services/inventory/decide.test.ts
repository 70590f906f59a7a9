import { describe, expect, it } from 'vitest';

import type { Book } from '../../contracts/inventory.ts';
import { BugError } from '../../kernel/errors.ts';
import { commitStep, isSameLines, priceOf, refusalOf, releaseStep } from './decide.ts';

function book(id: number, available: number, priceCents = 1_000): Book {
  return {
    id,
    isbn: '9780345391803',
    title: `Book ${id}`,
    author: 'A',
    publisher: 'P',
    priceCents,
    currency: 'EUR',
    available,
  };
}

describe('a reservation', () => {
  it('is not refused when every book has enough free copies', () => {
    const lines = [
      { bookId: 2, quantity: 3 },
      { bookId: 1, quantity: 1 },
    ];
    expect(refusalOf(lines, [book(1, 1), book(2, 3)])).toBeUndefined();
  });

  it('is refused when one copy is missing, and names the book', () => {
    expect(refusalOf([{ bookId: 1, quantity: 2 }], [book(1, 1)])).toEqual({
      reason: 'out-of-stock',
      bookId: 1,
    });
  });

  it('is refused for a book that the catalogue does not have', () => {
    expect(refusalOf([{ bookId: 4242, quantity: 1 }], [])).toEqual({
      reason: 'unknown-book',
      bookId: 4242,
    });
  });

  it('names the first obstacle by id, whatever the order of the lines', () => {
    const lines = [
      { bookId: 9, quantity: 1 },
      { bookId: 3, quantity: 1 },
    ];
    expect(refusalOf(lines, [book(3, 0)])).toEqual({ reason: 'out-of-stock', bookId: 3 });
  });
});

describe('the price', () => {
  it('adds up quantities to the cent and keeps the order of the lines', () => {
    const lines = [
      { bookId: 2, quantity: 3 },
      { bookId: 1, quantity: 1 },
    ];
    const priced = priceOf(lines, [book(1, 5, 1), book(2, 5, 333)]);
    expect(priced.totalCents).toBe(1_000);
    expect(priced.lines.map((line) => line.bookId)).toEqual([2, 1]);
  });
});

describe('lines', () => {
  it('are the same in another order, and not with another quantity', () => {
    const one = { bookId: 1, quantity: 1 };
    const two = { bookId: 2, quantity: 2 };
    expect(isSameLines([one, two], [two, one])).toBe(true);
    expect(isSameLines([one, two], [one, { ...two, quantity: 1 }])).toBe(false);
    expect(isSameLines([one, two], [one])).toBe(false);
  });
});

describe('the state of an order', () => {
  it('lets only held copies be sold, and a second commit do nothing', () => {
    expect(commitStep('held')).toBe('sell');
    expect(commitStep('committed')).toBe('nothing');
    expect(() => commitStep('released')).toThrow(BugError);
    expect(() => commitStep(undefined)).toThrow(BugError);
  });

  it('lets a release give back what is held or sold, once', () => {
    expect(releaseStep('held')).toBe('unhold');
    expect(releaseStep('committed')).toBe('take-back');
    expect(releaseStep('released')).toBe('nothing');
    expect(releaseStep(undefined)).toBe('nothing');
  });
});
