/** The origin's second mistake: a SELECT, and later an UPDATE that does not look again. In the place of inventory's sqlite-tx.ts. */
import type { Book } from '../../src/contracts/inventory.ts';
import type { OrderLine } from '../../src/contracts/primitives.ts';
import { SqliteInventoryTx as Right } from '../../src/services/inventory/sqlite-tx.ts';
import type { SqliteDatabase } from '../../src/storage/sqlite.ts';

/** What was looked up is believed for this many more looks: others order meanwhile. */
const BELIEVED = 20;

export class SqliteInventoryTx extends Right {
  readonly #database: SqliteDatabase;
  readonly #seen = new Map<number, { readonly book: Book; left: number }>();

  constructor(database: SqliteDatabase) {
    super(database);
    this.#database = database;
    // The origin's tables had no CHECK either.
    database.pragma('ignore_check_constraints = ON');
  }

  override async lockBooks(ids: readonly number[]): Promise<readonly Book[]> {
    const fresh = await super.lockBooks(ids);
    return fresh.map((book) => this.#asSeenBefore(book));
  }

  override async hold(orderId: string, lines: readonly OrderLine[]): Promise<void> {
    const take = this.#database.prepare<[OrderLine]>(
      'UPDATE book SET reserved = reserved + @quantity WHERE id = @bookId',
    );
    const note = this.#database.prepare<[string, number, number]>(
      'INSERT INTO hold VALUES (?, ?, ?)',
    );
    for (const line of lines) {
      take.run(line);
      note.run(orderId, line.bookId, line.quantity);
    }
  }

  #asSeenBefore(book: Book): Book {
    const seen = this.#seen.get(book.id);
    if (seen !== undefined && seen.left-- > 0) return seen.book;
    this.#seen.set(book.id, { book, left: BELIEVED });
    return book;
  }
}
