/** What was typed after --book and --quantity, as lines of an order. Pure: whether the books exist is asked later. */
import { BookId, MAX_COPIES, MAX_LINES, type OrderLine } from '../../contracts/primitives.ts';
import { UserError } from '../../kernel/errors.ts';

/** A book as typed; `text` is kept for what is no number and has to be looked up. */
export interface WantedBook {
  readonly text: string;
  readonly quantity: number | undefined;
}

/** `42` or `42=2`. @throws UserError `usage` for a quantity that no order may have. */
export function parseBook(text: string): WantedBook {
  const match = /^(.*)=(-?\d+)$/.exec(text.trim());
  if (match === null) return { text: text.trim(), quantity: undefined };
  return { text: (match[1] ?? '').trim(), quantity: parseQuantity(match[2] ?? '') };
}

/** 1 to 3 copies. @throws UserError `usage` */
export function parseQuantity(text: string): number {
  const quantity = Number(text);
  if (/^\d+$/.test(text) && quantity >= 1 && quantity <= MAX_COPIES) return quantity;
  throw new UserError('usage', `An order takes 1 to ${MAX_COPIES} copies of a book, not ${text}.`, {
    hint: `Write --quantity 1, 2 or ${MAX_COPIES}.`,
    details: { quantity: text, max: MAX_COPIES },
  });
}

/** The id that was typed, or undefined when it can't be one. */
export function bookIdOf(text: string): number | undefined {
  const parsed = /^\d+$/.test(text) ? BookId.safeParse(Number(text)) : undefined;
  return parsed?.data;
}

/**
 * Gives every book its quantity: its own (`42=2`), else the --quantity at the same place, else the only
 * --quantity, else 1.
 * @throws UserError `usage` when the flags can't be matched up.
 */
export function pairQuantities(
  books: readonly WantedBook[],
  quantities: readonly number[],
): readonly Required<{ text: string; quantity: number }>[] {
  if (quantities.length > 1 && quantities.length !== books.length) {
    throw new UserError(
      'usage',
      `${quantities.length} quantities do not fit ${books.length} ${books.length === 1 ? 'book' : 'books'}.`,
      { hint: 'Give --quantity once for all books, or write --book 42=2 --book 7=1.' },
    );
  }
  const forAll = quantities.length === 1 ? quantities[0] : undefined;
  return books.map((book, index) => ({
    text: book.text,
    quantity: book.quantity ?? forAll ?? quantities[index] ?? 1,
  }));
}

/**
 * A book that was named twice becomes one line with both quantities.
 * @throws UserError `usage` when that is more than an order may have.
 */
export function mergeLines(lines: readonly OrderLine[]): readonly OrderLine[] {
  const byBook = new Map<number, number>();
  for (const { bookId, quantity } of lines) {
    byBook.set(bookId, (byBook.get(bookId) ?? 0) + quantity);
  }
  if (byBook.size > MAX_LINES) {
    throw new UserError('usage', `An order takes at most ${MAX_LINES} different books.`);
  }
  return [...byBook].map(([bookId, quantity]) => ({
    bookId,
    quantity: parseQuantity(String(quantity)),
  }));
}
