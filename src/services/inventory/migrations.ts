/** The history of the inventory's schema. A published step is never edited. */
import type { Migration } from '../../storage/migration.ts';
import { SQLITE_INBOX } from '../../storage/sqlite-inbox.ts';

/**
 * The CHECKs are the last line of defence: whatever the program does, no copy is sold twice and none
 * is lost. `hold` has what is held now, `sale` what was sold; `order_state` outlives both, so that a
 * reserve that comes after its release finds the tombstone.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'books, holds and sales',
    sql: `
      ${SQLITE_INBOX}
      CREATE TABLE book (
        id INTEGER PRIMARY KEY,
        isbn TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        author TEXT NOT NULL,
        publisher TEXT NOT NULL,
        search_text TEXT NOT NULL,
        price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
        initial INTEGER NOT NULL CHECK (initial >= 0),
        on_hand INTEGER NOT NULL,
        reserved INTEGER NOT NULL DEFAULT 0,
        sold INTEGER NOT NULL DEFAULT 0 CHECK (sold >= 0),
        run TEXT,
        CHECK (reserved BETWEEN 0 AND on_hand),
        CHECK (initial = on_hand + sold)
      ) STRICT;
      CREATE INDEX book_title ON book (title);
      CREATE TABLE order_state (
        order_id TEXT PRIMARY KEY,
        state TEXT NOT NULL CHECK (state IN ('held', 'committed', 'released'))
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE hold (
        order_id TEXT NOT NULL REFERENCES order_state,
        book_id INTEGER NOT NULL REFERENCES book,
        quantity INTEGER NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (order_id, book_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX hold_book ON hold (book_id);
      CREATE TABLE sale (
        order_id TEXT NOT NULL REFERENCES order_state,
        book_id INTEGER NOT NULL REFERENCES book,
        quantity INTEGER NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (order_id, book_id)
      ) STRICT, WITHOUT ROWID;
    `,
  },
];
