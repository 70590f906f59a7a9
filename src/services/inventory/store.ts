/** What the inventory needs of a database; adapters are judged by test/conformance/inventory-store.ts. */
import type { Book } from '../../contracts/inventory.ts';
import type { OrderLine } from '../../contracts/primitives.ts';
import type { InboxTx, ParticipantStore } from '../../messaging/participant.ts';
import type { CatalogueBook, NewBook } from './catalogue.ts';

/** `released` is a tombstone as well: the order may never have held anything. */
export type OrderState = 'held' | 'committed' | 'released';

/** How a customer names one book. */
export type BookKey =
  | { readonly id: number }
  | { readonly isbn: string }
  | { readonly title: string };

export interface BookPage {
  readonly books: Book[];
  /** How many match in all. */
  readonly total: number;
}

export interface StockRow {
  readonly id: number;
  /** Copies ever put on the shelf: on hand + sold. */
  readonly initial: number;
  /** On the shelf, held ones included. */
  readonly onHand: number;
  readonly held: number;
  readonly sold: number;
}

export interface HoldRow {
  readonly orderId: string;
  readonly bookId: number;
  readonly quantity: number;
}

export interface ShelfAudit {
  /** In order of id. */
  readonly books: StockRow[];
  /** In order of order and book. */
  readonly holds: HoldRow[];
}

/**
 * One transaction. Methods that move copies take an order's lines as they are stored; the order's state
 * must be set before the first of them.
 */
export interface InventoryTx extends InboxTx {
  orderState(orderId: string): Promise<OrderState | undefined>;
  setOrderState(orderId: string, state: OrderState): Promise<void>;
  /** Those of the books that exist, in order of id; nobody else changes them until the transaction ends. */
  lockBooks(ids: readonly number[]): Promise<readonly Book[]>;
  /** @throws BugError when a book has fewer free copies than asked for: lock and look first. */
  hold(orderId: string, lines: readonly OrderLine[]): Promise<void>;
  /** What the order holds now, in order of book. */
  heldLines(orderId: string): Promise<readonly OrderLine[]>;
  /** What the order holds goes back on the shelf. */
  unhold(orderId: string): Promise<void>;
  /** What the order holds is sold. */
  sell(orderId: string): Promise<void>;
  /** What the order bought comes back on the shelf. */
  takeBack(orderId: string): Promise<void>;
  /** The first book that fits, by id. */
  findBook(key: BookKey): Promise<Book | undefined>;
  /** In order of id; `search` is looked for in title, author and ISBN without regard to case. */
  listBooks(page: {
    readonly search?: string | undefined;
    readonly limit: number;
    readonly offset: number;
  }): Promise<BookPage>;
  /** Adds books after all that exist; their ids in the order given. Those of a scenario run are left out of lists. */
  addBooks(books: readonly NewBook[], run?: string): Promise<number[]>;
  /** These books and at most `maxHolds` holds on them, all as they are at one instant. */
  audit(bookIds: readonly number[], maxHolds: number): Promise<ShelfAudit>;
}

export interface InventoryStore extends ParticipantStore<InventoryTx>, AsyncDisposable {
  /** Fills an empty shop; a shop that has books is left as it is. */
  seed(catalogue: readonly CatalogueBook[]): Promise<void>;
}
