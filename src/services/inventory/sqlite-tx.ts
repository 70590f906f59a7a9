/** The inventory's statements on SQLite. They are synchronous; async only in form, for the port. */
import type { Book } from '../../contracts/inventory.ts';
import type { OrderLine } from '../../contracts/primitives.ts';
import { BugError } from '../../kernel/errors.ts';
import { SqliteInbox } from '../../storage/sqlite-inbox.ts';
import type { SqliteDatabase } from '../../storage/sqlite.ts';
import {
  catalogueEntry,
  FIRST_ADDED_ID,
  searchTextOf,
  type CatalogueBook,
  type NewBook,
} from './catalogue.ts';
import { byBook } from './decide.ts';
import type {
  BookKey,
  BookPage,
  HoldRow,
  InventoryTx,
  OrderState,
  ShelfAudit,
  StockRow,
} from './store.ts';

const BOOK = `id, isbn, title, author, publisher, price_cents AS priceCents, 'EUR' AS currency,
              on_hand - reserved AS available`;

/** Valid only inside the transaction that the store has open. */
export class SqliteInventoryTx extends SqliteInbox implements InventoryTx {
  readonly #sql: Statements;

  constructor(database: SqliteDatabase) {
    super(database);
    this.#sql = prepare(database);
  }

  async orderState(orderId: string): Promise<OrderState | undefined> {
    return this.#sql.orderState.get(orderId)?.state;
  }

  async setOrderState(orderId: string, state: OrderState): Promise<void> {
    this.#sql.setOrderState.run(orderId, state);
  }

  async lockBooks(ids: readonly number[]): Promise<readonly Book[]> {
    return this.#sql.booksByIds.all(JSON.stringify(ids));
  }

  async hold(orderId: string, lines: readonly OrderLine[]): Promise<void> {
    for (const { bookId, quantity } of byBook(lines)) {
      const { changes } = this.#sql.reserve.run({ bookId, quantity });
      if (changes !== 1) throw new BugError(`book ${bookId} has no ${quantity} free copies`);
      this.#sql.insertHold.run(orderId, bookId, quantity);
    }
  }

  async heldLines(orderId: string): Promise<readonly OrderLine[]> {
    return this.#sql.heldLines.all(orderId);
  }

  async unhold(orderId: string): Promise<void> {
    for (const line of this.#sql.heldLines.all(orderId)) this.#sql.unreserve.run(line);
    this.#sql.deleteHolds.run(orderId);
  }

  async sell(orderId: string): Promise<void> {
    for (const line of this.#sql.heldLines.all(orderId)) this.#sql.sell.run(line);
    this.#sql.insertSales.run(orderId);
    this.#sql.deleteHolds.run(orderId);
  }

  async takeBack(orderId: string): Promise<void> {
    for (const line of this.#sql.soldLines.all(orderId)) this.#sql.takeBack.run(line);
    this.#sql.deleteSales.run(orderId);
  }

  async findBook(key: BookKey): Promise<Book | undefined> {
    if ('id' in key) return this.#sql.bookById.get(key.id);
    return 'isbn' in key
      ? this.#sql.bookByIsbn.get(key.isbn)
      : this.#sql.bookByTitle.get(key.title);
  }

  async listBooks({
    search = '',
    limit,
    offset,
  }: {
    readonly search?: string | undefined;
    readonly limit: number;
    readonly offset: number;
  }): Promise<BookPage> {
    const text = search.toLowerCase();
    return {
      books: this.#sql.listBooks.all({ text, limit, offset }),
      total: this.#sql.countBooks.get({ text })?.total ?? 0,
    };
  }

  async addBooks(books: readonly NewBook[], run?: string): Promise<number[]> {
    const first = this.#sql.nextId.get(FIRST_ADDED_ID)?.id ?? FIRST_ADDED_ID;
    const entries = books.map((book, index) => catalogueEntry(first + index, book));
    this.insertBooks(entries, run);
    return entries.map((entry) => entry.id);
  }

  async audit(bookIds: readonly number[], maxHolds: number): Promise<ShelfAudit> {
    const ids = JSON.stringify(bookIds);
    return { books: this.#sql.stock.all(ids), holds: this.#sql.holdsOn.all(ids, maxHolds) };
  }

  isEmpty(): boolean {
    return this.#sql.anyBook.get() === undefined;
  }

  insertBooks(entries: readonly CatalogueBook[], run?: string): void {
    for (const entry of entries) {
      this.#sql.insertBook.run({ ...entry, searchText: searchTextOf(entry), run: run ?? null });
    }
  }
}

type Statements = ReturnType<typeof prepare>;

function prepare(database: SqliteDatabase) {
  return { ...prepareBooks(database), ...prepareOrders(database), ...prepareCopies(database) };
}

function prepareBooks(database: SqliteDatabase) {
  return {
    bookById: database.prepare<[number], Book>(`SELECT ${BOOK} FROM book WHERE id = ?`),
    bookByIsbn: database.prepare<[string], Book>(`SELECT ${BOOK} FROM book WHERE isbn = ?`),
    bookByTitle: database.prepare<[string], Book>(
      `SELECT ${BOOK} FROM book WHERE title = ? ORDER BY id LIMIT 1`,
    ),
    booksByIds: database.prepare<[string], Book>(
      `SELECT ${BOOK} FROM book WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`,
    ),
    listBooks: database.prepare<[{ text: string; limit: number; offset: number }], Book>(
      `SELECT ${BOOK} FROM book WHERE run IS NULL AND (instr(search_text, @text) > 0 OR @text = '')
       ORDER BY id LIMIT @limit OFFSET @offset`,
    ),
    countBooks: database.prepare<[{ text: string }], { total: number }>(
      `SELECT count(*) AS total FROM book
       WHERE run IS NULL AND (instr(search_text, @text) > 0 OR @text = '')`,
    ),
    anyBook: database.prepare<[], { id: number }>('SELECT id FROM book LIMIT 1'),
    nextId: database.prepare<[number], { id: number }>(
      'SELECT max(coalesce(max(id), 0) + 1, ?) AS id FROM book',
    ),
    insertBook: database.prepare<[CatalogueBook & { searchText: string; run: string | null }]>(
      `INSERT INTO book (id, isbn, title, author, publisher, search_text, price_cents, initial, on_hand, run)
       VALUES (@id, @isbn, @title, @author, @publisher, @searchText, @priceCents, @stock, @stock, @run)`,
    ),
    stock: database.prepare<[string], StockRow>(
      `SELECT id, initial, on_hand AS onHand, reserved AS held, sold FROM book
       WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`,
    ),
  };
}

function prepareOrders(database: SqliteDatabase) {
  return {
    orderState: database.prepare<[string], { state: OrderState }>(
      'SELECT state FROM order_state WHERE order_id = ?',
    ),
    setOrderState: database.prepare<[string, OrderState]>(
      `INSERT INTO order_state VALUES (?, ?)
       ON CONFLICT (order_id) DO UPDATE SET state = excluded.state`,
    ),
    insertHold: database.prepare<[string, number, number]>('INSERT INTO hold VALUES (?, ?, ?)'),
    deleteHolds: database.prepare<[string]>('DELETE FROM hold WHERE order_id = ?'),
    heldLines: database.prepare<[string], OrderLine>(
      'SELECT book_id AS bookId, quantity FROM hold WHERE order_id = ? ORDER BY book_id',
    ),
    holdsOn: database.prepare<[string, number], HoldRow>(
      `SELECT order_id AS orderId, book_id AS bookId, quantity FROM hold
       WHERE book_id IN (SELECT value FROM json_each(?)) ORDER BY order_id, book_id LIMIT ?`,
    ),
    insertSales: database.prepare<[string]>(
      'INSERT INTO sale SELECT order_id, book_id, quantity FROM hold WHERE order_id = ?',
    ),
    deleteSales: database.prepare<[string]>('DELETE FROM sale WHERE order_id = ?'),
    soldLines: database.prepare<[string], OrderLine>(
      'SELECT book_id AS bookId, quantity FROM sale WHERE order_id = ? ORDER BY book_id',
    ),
  };
}

/** Moves of copies; the CHECKs of the table refuse any that does not add up. */
function prepareCopies(database: SqliteDatabase) {
  const move = (assignments: string, guard = 'TRUE') =>
    database.prepare<[OrderLine]>(`UPDATE book SET ${assignments} WHERE id = @bookId AND ${guard}`);
  return {
    reserve: move('reserved = reserved + @quantity', 'on_hand - reserved >= @quantity'),
    unreserve: move('reserved = reserved - @quantity'),
    sell: move(
      'reserved = reserved - @quantity, on_hand = on_hand - @quantity, sold = sold + @quantity',
    ),
    takeBack: move('on_hand = on_hand + @quantity, sold = sold - @quantity'),
  };
}
