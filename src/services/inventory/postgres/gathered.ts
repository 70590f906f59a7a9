/** What a transaction has read of orders and books, and what it makes of them: written together at its end. */
import type { Book } from '../../../contracts/inventory.ts';
import type { OrderLine } from '../../../contracts/primitives.ts';
import type { OrderState } from '../store.ts';

/** How many copies move; negative ones come back. */
export interface Move {
  readonly reserved: number;
  readonly onHand: number;
  readonly sold: number;
}

const NO_MOVE: Move = { reserved: 0, onHand: 0, sold: 0 };

/** A value as it was read, and as it is to be. */
export interface Change<Value> {
  readonly read: Value;
  now: Value;
}

export type StateChange = Change<OrderState | undefined>;
export type LinesChange = Change<readonly OrderLine[]>;

/** Pure bookkeeping: no SQL, no rules. */
export class Gathered {
  readonly states = new Map<string, StateChange>();
  readonly holds = new Map<string, LinesChange>();
  readonly sales = new Map<string, LinesChange>();
  /** Books that were read, as they were then. */
  readonly books = new Map<number, Book>();
  readonly #moves = new Map<number, Move>();

  /** Copies move between the columns of their book. */
  move(lines: readonly OrderLine[], { reserved, onHand, sold }: Move): void {
    for (const { bookId, quantity } of lines) {
      const before = this.#moves.get(bookId) ?? NO_MOVE;
      this.#moves.set(bookId, {
        reserved: before.reserved + quantity * reserved,
        onHand: before.onHand + quantity * onHand,
        sold: before.sold + quantity * sold,
      });
    }
  }

  moveOf(bookId: number): Move {
    return this.#moves.get(bookId) ?? NO_MOVE;
  }

  /** The book with what this transaction has moved. */
  current(book: Book): Book {
    const { reserved, onHand } = this.moveOf(book.id);
    return { ...book, available: book.available + onHand - reserved };
  }

  /** In order of id; books whose moves cancel each other out are left alone. */
  get movedBooks(): ReadonlyArray<Move & { readonly id: number }> {
    return [...this.#moves]
      .map(([id, move]) => ({ id, ...move }))
      .filter(({ reserved, onHand, sold }) => reserved !== 0 || onHand !== 0 || sold !== 0)
      .toSorted((a, b) => a.id - b.id);
  }

  clear(): void {
    for (const map of [this.states, this.holds, this.sales, this.books, this.#moves]) map.clear();
  }
}
