/** One transaction of the inventory on PostgreSQL: reads at once and without locks, writes at its end. */
import type { Book } from '../../../contracts/inventory.ts';
import type { OrderLine } from '../../../contracts/primitives.ts';
import { BugError } from '../../../kernel/errors.ts';
import { PostgresInbox } from '../../../storage/postgres-inbox.ts';
import { catalogueEntry, FIRST_ADDED_ID, type NewBook } from '../catalogue.ts';
import { byBook } from '../decide.ts';
import type { BookKey, BookPage, InventoryTx, OrderState, ShelfAudit } from '../store.ts';
import { BOOK, insertBooks, lockNewBooks } from './books.ts';
import { Gathered, type LinesChange } from './gathered.ts';
import { auditShelf } from './audit.ts';
import { writeGathered } from './write.ts';

/**
 * A group of works shares what was read and sees what the works before it did. What `lockBooks` promises
 * is kept by the writes: they find every book, order and line as it was read, or all works run again.
 */
export class PostgresInventoryTx extends PostgresInbox implements InventoryTx {
  readonly #gathered = new Gathered();

  async orderState(orderId: string): Promise<OrderState | undefined> {
    const known = this.#gathered.states.get(orderId);
    if (known !== undefined) return known.now;
    const { rows } = await this.client.query<{ state: OrderState }>({
      name: 'order-state',
      text: 'SELECT state FROM order_state WHERE order_id = $1',
      values: [orderId],
    });
    const read = rows[0]?.state;
    this.#gathered.states.set(orderId, { read, now: read });
    return read;
  }

  async setOrderState(orderId: string, state: OrderState): Promise<void> {
    await this.orderState(orderId);
    const change = this.#gathered.states.get(orderId);
    if (change !== undefined) change.now = state;
  }

  async lockBooks(ids: readonly number[]): Promise<readonly Book[]> {
    const { books } = this.#gathered;
    const unread = ids.filter((id) => !books.has(id));
    if (unread.length > 0) {
      const { rows } = await this.client.query<Book>({
        name: 'books-by-ids',
        text: `SELECT ${BOOK} FROM book WHERE id = ANY($1) ORDER BY id`,
        values: [unread],
      });
      // Those that were moved before they were read are read without the moves, as all others.
      for (const book of rows) books.set(book.id, book);
    }
    return [...new Set(ids)]
      .toSorted((a, b) => a - b)
      .flatMap((id) => books.get(id) ?? [])
      .map((book) => this.#gathered.current(book));
  }

  async hold(orderId: string, lines: readonly OrderLine[]): Promise<void> {
    const books = await this.lockBooks(lines.map((line) => line.bookId));
    for (const { bookId, quantity } of lines) {
      const available = books.find((book) => book.id === bookId)?.available ?? 0;
      if (available < quantity) throw new BugError(`book ${bookId} has no ${quantity} free copies`);
    }
    const { holds } = this.#gathered;
    const change = holds.get(orderId) ?? { read: [], now: [] };
    holds.set(orderId, { ...change, now: [...change.now, ...byBook(lines)] });
    this.#gathered.move(lines, { reserved: 1, onHand: 0, sold: 0 });
  }

  async heldLines(orderId: string): Promise<readonly OrderLine[]> {
    return (await this.#linesOf('hold', orderId)).now;
  }

  async unhold(orderId: string): Promise<void> {
    const held = await this.#linesOf('hold', orderId);
    this.#gathered.move(held.now, { reserved: -1, onHand: 0, sold: 0 });
    held.now = [];
  }

  async sell(orderId: string): Promise<void> {
    const held = await this.#linesOf('hold', orderId);
    const sold = await this.#linesOf('sale', orderId);
    this.#gathered.move(held.now, { reserved: -1, onHand: -1, sold: 1 });
    if (held.now.length > 0) sold.now = [...sold.now, ...held.now];
    held.now = [];
  }

  async takeBack(orderId: string): Promise<void> {
    const sold = await this.#linesOf('sale', orderId);
    this.#gathered.move(sold.now, { reserved: 0, onHand: 1, sold: -1 });
    sold.now = [];
  }

  async findBook(key: BookKey): Promise<Book | undefined> {
    const [column, value] = Object.entries(key)[0] as ['id' | 'isbn' | 'title', string | number];
    const { rows } = await this.client.query<Book>(
      `SELECT ${BOOK} FROM book WHERE ${column} = $1 ORDER BY id LIMIT 1`,
      [value],
    );
    return rows[0] === undefined ? undefined : this.#gathered.current(rows[0]);
  }

  async listBooks({ search = '', limit, offset }: ListPage): Promise<BookPage> {
    const where = `run IS NULL AND ($1 = '' OR position($1 IN search_text) > 0)`;
    const text = search.toLowerCase();
    const { rows } = await this.client.query<Book>(
      `SELECT ${BOOK} FROM book WHERE ${where} ORDER BY id LIMIT $2 OFFSET $3`,
      [text, limit, offset],
    );
    const total = await this.client.query<{ total: number }>(
      `SELECT count(*)::int AS total FROM book WHERE ${where}`,
      [text],
    );
    return {
      books: rows.map((book) => this.#gathered.current(book)),
      total: total.rows[0]?.total ?? 0,
    };
  }

  async addBooks(books: readonly NewBook[], run?: string): Promise<number[]> {
    await lockNewBooks(this.client);
    const { rows } = await this.client.query<{ id: number }>(
      'SELECT greatest(coalesce(max(id), 0) + 1, $1) AS id FROM book',
      [FIRST_ADDED_ID],
    );
    const first = rows[0]?.id ?? FIRST_ADDED_ID;
    const entries = books.map((book, index) => catalogueEntry(first + index, book));
    await insertBooks(this.client, entries, run);
    return entries.map((entry) => entry.id);
  }

  audit(bookIds: readonly number[], maxHolds: number): Promise<ShelfAudit> {
    return auditShelf(this.client, this.#gathered, { bookIds, maxHolds });
  }

  /** @throws LostRaceError */
  async flush(): Promise<void> {
    await writeGathered(this.client, this.#gathered);
    await this.flushAnswers();
  }

  async #linesOf(table: 'hold' | 'sale', orderId: string): Promise<LinesChange> {
    const changes = table === 'hold' ? this.#gathered.holds : this.#gathered.sales;
    const known = changes.get(orderId);
    if (known !== undefined) return known;
    const { rows } = await this.client.query<OrderLine>({
      name: `${table}-lines`,
      text: `SELECT book_id AS "bookId", quantity FROM ${table} WHERE order_id = $1 ORDER BY book_id`,
      values: [orderId],
    });
    const change = { read: rows, now: rows };
    changes.set(orderId, change);
    return change;
  }
}

type ListPage = Parameters<InventoryTx['listBooks']>[0];
