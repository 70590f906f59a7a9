import { describe, expect, it } from 'vitest';

import { CATALOGUE, catalogueEntry, FIRST_ADDED_ID } from './catalogue.ts';
import { isbnFor, isValidIsbn } from './isbn.ts';

describe('the catalogue', () => {
  it('has at least sixty books with ids from 1 without gaps', () => {
    expect(CATALOGUE.length).toBeGreaterThanOrEqual(60);
    expect(CATALOGUE.map((book) => book.id)).toEqual(CATALOGUE.map((_, index) => index + 1));
  });

  it('has a valid and distinct ISBN for each book', () => {
    expect(CATALOGUE.filter((book) => !isValidIsbn(book.isbn))).toEqual([]);
    expect(new Set(CATALOGUE.map((book) => book.isbn)).size).toBe(CATALOGUE.length);
  });

  it('has between 5 and 60 copies of each', () => {
    expect(CATALOGUE.filter(({ stock }) => stock < 5 || stock > 60)).toEqual([]);
  });

  it("has The Hitchhiker's Guide to the Galaxy at 42", () => {
    expect(CATALOGUE[41]).toMatchObject({
      id: 42,
      isbn: '9780345391803',
      title: "The Hitchhiker's Guide to the Galaxy",
      author: 'Douglas Adams',
      priceCents: 3_900,
    });
  });
});

describe('an ISBN', () => {
  it('is not valid with one digit changed', () => {
    expect(isValidIsbn('9780345391803')).toBe(true);
    expect(isValidIsbn('9780345391804')).toBe(false);
    expect(isValidIsbn('9780345391830')).toBe(false);
  });

  it('is made from the id for a book that is added, valid and never the same', () => {
    const isbns = Array.from({ length: 100 }, (_, index) => isbnFor(FIRST_ADDED_ID + index));
    expect(isbns.filter((isbn) => !isValidIsbn(isbn))).toEqual([]);
    expect(new Set(isbns).size).toBe(100);
    const added = { title: 'T', author: 'A', priceCents: 1, copies: 2 };
    expect(catalogueEntry(FIRST_ADDED_ID, added)).toMatchObject({ isbn: isbns[0], stock: 2 });
  });
});
