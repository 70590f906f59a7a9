/** The history of the inventory's schema on PostgreSQL. A published step is never edited. */
import type { Migration } from '../../../storage/migration.ts';
import { POSTGRES_INBOX } from '../../../storage/postgres-inbox.ts';

/** The same tables and CHECKs as on SQLite. Ids and titles sort by byte, whatever the database's locale is. */
export const POSTGRES_MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'books, holds and sales',
    sql: `
      ${POSTGRES_INBOX}
      CREATE TABLE book (
        id int PRIMARY KEY,
        isbn text COLLATE "C" NOT NULL UNIQUE,
        title text COLLATE "C" NOT NULL,
        author text NOT NULL,
        publisher text NOT NULL,
        search_text text COLLATE "C" NOT NULL,
        price_cents int NOT NULL CHECK (price_cents >= 0),
        initial int NOT NULL CHECK (initial >= 0),
        on_hand int NOT NULL,
        reserved int NOT NULL DEFAULT 0,
        sold int NOT NULL DEFAULT 0 CHECK (sold >= 0),
        run text,
        CHECK (reserved BETWEEN 0 AND on_hand),
        CHECK (initial = on_hand + sold)
      ) WITH (fillfactor = 50);
      CREATE INDEX book_title ON book (title);
      CREATE TABLE order_state (
        order_id text COLLATE "C" PRIMARY KEY,
        state text NOT NULL CHECK (state IN ('held', 'committed', 'released'))
      );
      CREATE TABLE hold (
        order_id text COLLATE "C" NOT NULL REFERENCES order_state,
        book_id int NOT NULL REFERENCES book,
        quantity int NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (order_id, book_id)
      );
      CREATE INDEX hold_book ON hold (book_id);
      CREATE TABLE sale (
        order_id text COLLATE "C" NOT NULL REFERENCES order_state,
        book_id int NOT NULL REFERENCES book,
        quantity int NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (order_id, book_id)
      );
    `,
  },
];
