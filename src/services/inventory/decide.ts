/** The rules of the shelf: who gets copies, who doesn't, and what each order state allows. Pure. */
import type { Book } from '../../contracts/inventory.ts';
import type { OrderLine, PricedLine } from '../../contracts/primitives.ts';
import { BugError } from '../../kernel/errors.ts';
import type { OrderState } from './store.ts';

export interface Refusal {
  readonly reason: 'unknown-book' | 'out-of-stock' | 'released';
  /** The first book that stands in the way, by id. */
  readonly bookId?: number;
}

/** Why the lines cannot be held, all of them; undefined when they can. */
export function refusalOf(
  lines: readonly OrderLine[],
  books: readonly Book[],
): Refusal | undefined {
  for (const { bookId, quantity } of byBook(lines)) {
    const book = books.find((each) => each.id === bookId);
    if (book === undefined) return { reason: 'unknown-book', bookId };
    if (book.available < quantity) return { reason: 'out-of-stock', bookId };
  }
  return undefined;
}

export interface Priced {
  /** In the order in which the customer listed them. */
  readonly lines: PricedLine[];
  readonly totalCents: number;
}

/** The lines at the catalogue's prices. @throws BugError when a book is not among those given. */
export function priceOf(lines: readonly OrderLine[], books: readonly Book[]): Priced {
  const priced = lines.map(({ bookId, quantity }) => {
    const book = books.find((each) => each.id === bookId);
    if (book === undefined) throw new BugError(`book ${bookId} has no price`);
    return { bookId, quantity, title: book.title, unitPriceCents: book.priceCents };
  });
  const totalCents = priced.reduce((sum, each) => sum + each.quantity * each.unitPriceCents, 0);
  return { lines: priced, totalCents };
}

/** The same order for everybody who locks books: two orders never wait for each other. */
export function byBook(lines: readonly OrderLine[]): readonly OrderLine[] {
  return lines.toSorted((a, b) => a.bookId - b.bookId);
}

/** Are these the same copies, in whatever order? */
export function isSameLines(a: readonly OrderLine[], b: readonly OrderLine[]): boolean {
  return textOf(a) === textOf(b);
}

function textOf(lines: readonly OrderLine[]): string {
  return byBook(lines)
    .map(({ bookId, quantity }) => `${bookId}x${quantity}`)
    .join();
}

/** What to do with an order's copies on `inventory.commit`. @throws BugError when nothing can be sold. */
export function commitStep(state: OrderState | undefined): 'sell' | 'nothing' {
  if (state === 'held') return 'sell';
  if (state === 'committed') return 'nothing';
  throw new BugError(`an order that is ${state ?? 'not known'} has no copies to sell`);
}

/**
 * What to do with an order's copies on `inventory.release`. A release after the commit is the way back of
 * an order that was cancelled and refunded: the books were not shipped, so they go on the shelf again.
 */
export function releaseStep(state: OrderState | undefined): 'unhold' | 'take-back' | 'nothing' {
  if (state === 'held') return 'unhold';
  return state === 'committed' ? 'take-back' : 'nothing';
}
