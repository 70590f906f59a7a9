/** The books a new shop opens with. */
import { z } from 'zod';

import { BookId, Cents, Isbn13, ShortText } from '../../contracts/primitives.ts';
import books from './catalogue.json' with { type: 'json' };
import { isbnFor } from './isbn.ts';

/** The catalogue's own ids stay below; books that are added later come after. */
export const FIRST_ADDED_ID = 100_001;

const CatalogueBook = z.strictObject({
  id: BookId.max(FIRST_ADDED_ID - 1),
  isbn: Isbn13,
  title: ShortText,
  author: ShortText,
  publisher: ShortText,
  priceCents: Cents,
  /** Copies on the shelf on the first day. */
  stock: z.int().min(0),
});
export type CatalogueBook = Readonly<z.infer<typeof CatalogueBook>>;

/** In order of id, from 1 without gaps. */
export const CATALOGUE: readonly CatalogueBook[] = z.array(CatalogueBook).parse(books);

/** What somebody must say of a book to have it added. */
export interface NewBook {
  readonly title: string;
  readonly author: string;
  readonly priceCents: number;
  readonly copies: number;
}

export function catalogueEntry(id: number, { copies, ...book }: NewBook): CatalogueBook {
  return { id, isbn: isbnFor(id), publisher: 'Wonderland Press', ...book, stock: copies };
}

/** What a search looks into, in lower case. */
export function searchTextOf({
  title,
  author,
  isbn,
}: Pick<CatalogueBook, 'title' | 'author' | 'isbn'>): string {
  return `${title}\n${author}\n${isbn}`.toLowerCase();
}
