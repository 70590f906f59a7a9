/** Lists books of the catalogue. */
import type { Book } from '../../contracts/inventory.ts';
import { UserError } from '../../kernel/errors.ts';
import { formatMoney } from '../../kernel/money.ts';
import type { CommandContext } from '../context.ts';
import { connectToMediator } from '../connect.ts';
import type { MediatorClient } from '../mediator-client.ts';
import { bookIdOf } from '../order/input.ts';
import { renderTable, type Column } from '../table.ts';

const COLUMNS: readonly Column<Book>[] = [
  { title: 'id', value: (book) => String(book.id), align: 'right' },
  { title: 'title', value: (book) => book.title, canShrink: true },
  { title: 'author', value: (book) => book.author, canShrink: true, canGo: true },
  { title: 'price', value: (book) => formatMoney(book.priceCents, book.currency), align: 'right' },
  { title: 'available', value: (book) => String(book.available), align: 'right' },
];

export interface BooksOptions {
  /** Empty for all books. */
  readonly search: string;
  readonly limit: number;
}

export async function runBooks(options: BooksOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  const client = await connectToMediator(context);
  const page = (await bookOfId(client, options.search)) ?? (await search(client, options));
  output.result(page, () => {
    if (page.books.length === 0) return `No book holds "${options.search}".`;
    return renderTable(page.books, COLUMNS, output);
  });
  const first = page.books.find((book) => book.available > 0);
  if (page.books.length < page.total) output.hint(`${page.books.length} of ${page.total} books.`);
  if (first !== undefined) output.hint(`Order one: wonderland order --book ${first.id}`);
}

interface Page {
  readonly books: readonly Book[];
  readonly total: number;
}

/** The one book whose id was typed; a number that is no id is searched for like any text. */
async function bookOfId(client: MediatorClient, typed: string): Promise<Page | undefined> {
  const id = bookIdOf(typed.trim());
  if (id === undefined) return undefined;
  try {
    return { books: [await client.book(id)], total: 1 };
  } catch (error) {
    if (error instanceof UserError && error.code === 'unknown-book') return undefined;
    throw error;
  }
}

function search(client: MediatorClient, { search: typed, limit }: BooksOptions): Promise<Page> {
  const text = typed.trim();
  // On the back of a book an ISBN has dashes; the catalogue keeps it without.
  const wanted = /^[\d -]{10,}$/.test(text) ? text.replaceAll(/[ -]/g, '') : text;
  return client.books(wanted === '' ? undefined : wanted, limit);
}
