/** What the inventory service understands and answers: books, holds and stock. */
import { z } from 'zod';

import { defineMessage } from './message.ts';
import {
  BookId,
  Cents,
  Currency,
  Isbn13,
  OrderId,
  OrderLines,
  PricedLine,
  Reason,
  RunId,
  ShortText,
} from './primitives.ts';

const owner = 'inventory';
const Copies = z.int().min(0).max(1_000_000);

export const Book = z.strictObject({
  id: BookId,
  isbn: Isbn13,
  title: ShortText,
  author: ShortText,
  publisher: ShortText,
  priceCents: Cents,
  currency: Currency,
  /** Copies a customer can order now: on hand and not held for another order. */
  available: Copies,
});
export type Book = z.infer<typeof Book>;

export const reserve = defineMessage({
  name: 'inventory.reserve',
  version: 1,
  kind: 'command',
  owner,
  about: 'Hold the copies of all lines for an order, or none of them.',
  body: z.strictObject({ orderId: OrderId, lines: OrderLines }),
});

export const reserved = defineMessage({
  name: 'inventory.reserved',
  version: 1,
  kind: 'reply',
  owner,
  about: 'The copies are held, at these prices.',
  body: z.strictObject({
    orderId: OrderId,
    lines: z.array(PricedLine).min(1).max(20),
    totalCents: Cents,
    currency: Currency,
  }),
});

export const refused = defineMessage({
  name: 'inventory.refused',
  version: 1,
  kind: 'reply',
  owner,
  about: 'Nothing is held: a book is unknown, out of stock, or the order was released before.',
  body: z.strictObject({ orderId: OrderId, reason: Reason, bookId: BookId.optional() }),
});

export const commit = defineMessage({
  name: 'inventory.commit',
  version: 1,
  kind: 'command',
  owner,
  about: 'The held copies are sold: take them off the shelf.',
  body: z.strictObject({ orderId: OrderId }),
});

export const committed = defineMessage({
  name: 'inventory.committed',
  version: 1,
  kind: 'reply',
  owner,
  about: 'The held copies are sold.',
  body: z.strictObject({ orderId: OrderId }),
});

export const release = defineMessage({
  name: 'inventory.release',
  version: 1,
  kind: 'command',
  owner,
  about: 'Compensation of reserve: give the copies back, and refuse a reserve that comes later.',
  body: z.strictObject({ orderId: OrderId }),
});

export const released = defineMessage({
  name: 'inventory.released',
  version: 1,
  kind: 'reply',
  owner,
  about: 'Nothing is held for the order, and nothing will be.',
  body: z.strictObject({ orderId: OrderId }),
});

export const listBooks = defineMessage({
  name: 'inventory.list-books',
  version: 1,
  kind: 'query',
  owner,
  about:
    'Books of the catalogue in order of id, all or those whose title, author or ISBN holds the text.',
  body: z.strictObject({
    search: z.string().min(1).max(100).optional(),
    limit: z.int().min(1).max(500),
    offset: z.int().min(0).max(1_000_000_000),
  }),
});

export const booksListed = defineMessage({
  name: 'inventory.books-listed',
  version: 1,
  kind: 'reply',
  owner,
  about: 'A page of books and how many there are in all.',
  body: z.strictObject({ books: z.array(Book).max(500), total: z.int().min(0) }),
});

export const findBook = defineMessage({
  name: 'inventory.find-book',
  version: 1,
  kind: 'query',
  owner,
  about: 'One book by exactly one of id, ISBN or exact title.',
  body: z.union([
    z.strictObject({ id: BookId }),
    z.strictObject({ isbn: Isbn13 }),
    z.strictObject({ title: ShortText }),
  ]),
});

export const bookFound = defineMessage({
  name: 'inventory.book-found',
  version: 1,
  kind: 'reply',
  owner,
  about: 'The book, or null when the catalogue does not have it.',
  body: z.strictObject({ book: Book.nullable() }),
});

export const stockBooks = defineMessage({
  name: 'inventory.stock-books',
  version: 1,
  kind: 'command',
  owner,
  about: 'Add new books with their first stock to the catalogue; they get ids of their own.',
  body: z.strictObject({
    run: RunId.optional(),
    books: z
      .array(
        z.strictObject({
          title: ShortText,
          author: ShortText,
          priceCents: Cents,
          copies: Copies,
        }),
      )
      .min(1)
      .max(100),
  }),
});

export const booksStocked = defineMessage({
  name: 'inventory.books-stocked',
  version: 1,
  kind: 'reply',
  owner,
  about: 'The ids of the new books, in the order they were sent.',
  body: z.strictObject({ bookIds: z.array(BookId).min(1).max(100) }),
});

export const audit = defineMessage({
  name: 'inventory.audit',
  version: 1,
  kind: 'query',
  owner,
  about: 'The books as the database has them, for checks: nothing cached, nothing derived.',
  body: z.strictObject({ bookIds: z.array(BookId).max(200) }),
});

export const audited = defineMessage({
  name: 'inventory.audited',
  version: 1,
  kind: 'reply',
  owner,
  about: 'Copies of each book: initial = on hand + sold, and on hand = free + held.',
  body: z.strictObject({
    books: z
      .array(
        z.strictObject({
          id: BookId,
          initial: Copies,
          onHand: z.int(),
          held: z.int(),
          sold: z.int(),
        }),
      )
      .max(200),
    /** Orders that still hold copies of these books. */
    holds: z
      .array(z.strictObject({ orderId: OrderId, bookId: BookId, quantity: z.int() }))
      .max(10_000),
  }),
});
