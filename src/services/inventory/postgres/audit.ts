/** Books and holds as they are at one instant. */
import type { ClientBase } from 'pg';

import type { HoldRow, ShelfAudit, StockRow } from '../store.ts';
import type { Gathered } from './gathered.ts';

interface Asked {
  readonly bookIds: readonly number[];
  readonly maxHolds: number;
}

/** One statement, because each has a snapshot of its own; then what the transaction itself has gathered. */
export async function auditShelf(
  client: ClientBase,
  gathered: Gathered,
  { bookIds, maxHolds }: Asked,
): Promise<ShelfAudit> {
  const { rows } = await client.query<{ books: StockRow[]; holds: HoldRow[] }>(
    `SELECT
       (SELECT coalesce(json_agg(row_to_json(each)), '[]') FROM (
          SELECT id, initial, on_hand AS "onHand", reserved AS held, sold
          FROM book WHERE id = ANY($1) ORDER BY id) AS each) AS books,
       (SELECT coalesce(json_agg(row_to_json(each)), '[]') FROM (
          SELECT order_id AS "orderId", book_id AS "bookId", quantity
          FROM hold WHERE book_id = ANY($1) ORDER BY order_id, book_id LIMIT $2) AS each) AS holds`,
    [bookIds, maxHolds],
  );
  const { books = [], holds = [] } = rows[0] ?? {};
  return {
    books: books.map((book) => moved(book, gathered)),
    holds: changed(holds, gathered, bookIds).slice(0, maxHolds),
  };
}

function moved(book: StockRow, gathered: Gathered): StockRow {
  const move = gathered.moveOf(book.id);
  return {
    ...book,
    onHand: book.onHand + move.onHand,
    held: book.held + move.reserved,
    sold: book.sold + move.sold,
  };
}

function changed(
  holds: readonly HoldRow[],
  gathered: Gathered,
  bookIds: readonly number[],
): HoldRow[] {
  const untouched = holds.filter(({ orderId }) => !gathered.holds.has(orderId));
  const own = [...gathered.holds].flatMap(([orderId, { now }]) =>
    now.filter(({ bookId }) => bookIds.includes(bookId)).map((line) => ({ orderId, ...line })),
  );
  return [...untouched, ...own].toSorted(
    (a, b) => compare(a.orderId, b.orderId) || a.bookId - b.bookId,
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
