/**
 * Free copies are looked up in a cache, and the UPDATE that takes them does not look again. In the place of the
 * inventory's sqlite-tx.ts.
 */
import type { Book } from '../../src/contracts/inventory.ts';
import type { OrderLine } from '../../src/contracts/primitives.ts';
import { liveClock as clock } from '../../src/kernel/live.ts';
import { SqliteInventoryTx as Right } from '../../src/services/inventory/sqlite-tx.ts';
import type { SqliteDatabase } from '../../src/storage/sqlite.ts';

/** Customers who come at the same time see the same copies. */
const CACHED_MS = 1_000;

export class SqliteInventoryTx extends Right {
  readonly #database: SqliteDatabase;
  readonly #cache = new Map<number, { readonly book: Book; readonly until: number }>();

  constructor(database: SqliteDatabase) {
    super(database);
    this.#database = database;
    // Nobody who writes such an UPDATE writes a CHECK for it.
    database.pragma('ignore_check_constraints = ON');
  }

  override async lockBooks(ids: readonly number[]): Promise<readonly Book[]> {
    const now = clock.elapsed();
    for (const book of await super.lockBooks(ids)) {
      const cached = this.#cache.get(book.id);
      if (cached === undefined || cached.until < now) {
        this.#cache.set(book.id, { book, until: now + CACHED_MS });
      }
    }
    return ids.flatMap((id) => this.#cache.get(id)?.book ?? []);
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
}
