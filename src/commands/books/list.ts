/** Lists books of the catalogue. */
import type { Book } from '../../contracts/inventory.ts';
import { formatMoney } from '../../kernel/money.ts';
import type { CommandContext } from '../context.ts';
import { connectToMediator } from '../connect.ts';
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
  const search = options.search === '' ? undefined : options.search;
  const page = await client.books(search, options.limit);
  output.result(page, () => {
    if (page.books.length === 0) return `No book holds "${options.search}".`;
    return renderTable(page.books, COLUMNS, output);
  });
  const first = page.books.find((book) => book.available > 0);
  if (page.books.length < page.total) output.hint(`${page.books.length} of ${page.total} books.`);
  if (first !== undefined) output.hint(`Order one: wonderland order --book ${first.id}`);
}
