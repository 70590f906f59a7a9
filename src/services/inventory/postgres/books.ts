/** The catalogue's rows on PostgreSQL: their shape, and how new ones come in. */
import type { ClientBase } from 'pg';

import { searchTextOf, type CatalogueBook } from '../catalogue.ts';

/** Columns of a book as its contract has them. */
export const BOOK = `id, isbn, title, author, publisher, price_cents AS "priceCents",
  'EUR' AS currency, on_hand - reserved AS available`;

/** New books are numbered by one process at a time. */
export async function lockNewBooks(client: ClientBase): Promise<void> {
  await client.query(
    `SELECT pg_advisory_xact_lock(hashtext(current_schema() || '/wonderland new books'))`,
  );
}

export async function insertBooks(
  client: ClientBase,
  entries: readonly CatalogueBook[],
  run?: string,
): Promise<void> {
  const rows = entries.map((book) => ({ ...book, searchText: searchTextOf(book) }));
  await client.query(
    `INSERT INTO book (id, isbn, title, author, publisher, search_text, price_cents, initial, on_hand, run)
     SELECT id, isbn, title, author, publisher, "searchText", "priceCents", stock, stock, $2
     FROM jsonb_to_recordset($1::jsonb) AS book (id int, isbn text, title text, author text,
       publisher text, "searchText" text, "priceCents" int, stock int)
     ORDER BY id`,
    [JSON.stringify(rows), run ?? null],
  );
}
