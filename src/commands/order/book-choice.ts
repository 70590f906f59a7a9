/** A book that was typed, found in the catalogue, or an error that names its neighbours. */
import type { Book } from '../../contracts/inventory.ts';
import { UserError } from '../../kernel/errors.ts';
import { closest } from '../../kernel/suggestion.ts';
import type { MediatorClient } from '../mediator-client.ts';
import { bookIdOf } from './input.ts';

/** Enough of a catalogue to find neighbours in. */
const NEIGHBOURS = 500;
const SHOWN = 3;

/**
 * Only an id chooses a book: a title is answered with the ids it may mean, because an order is not guessed.
 * @throws UserError `unknown-book`
 */
export async function findBook(client: MediatorClient, text: string): Promise<Book> {
  const id = bookIdOf(text);
  if (id === undefined) throw await unknownBook(client, text);
  try {
    return await client.book(id);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'unknown-book') throw error;
    throw await unknownBook(client, text);
  }
}

async function unknownBook(client: MediatorClient, text: string): Promise<UserError> {
  const { books } = await client.books(undefined, NEIGHBOURS);
  const near = nearBooks(text, books);
  const hint =
    near.length === 0
      ? 'See `wonderland books` for all of them.'
      : `Did you mean ${near.map((book) => `--book ${book.id} (${book.title})`).join(' or ')}?`;
  return new UserError('unknown-book', `There is no book "${text}".`, {
    hint,
    details: { book: text, near: near.map(({ id, title }) => ({ id, title })) },
  });
}

/** Books whose title or author holds the text, else the one whose id or title is a slip away. */
export function nearBooks(text: string, books: readonly Book[]): readonly Book[] {
  const wanted = text.toLowerCase();
  if (bookIdOf(text) === undefined && wanted !== '') {
    const holding = books.filter((book) =>
      `${book.title} ${book.author} ${book.isbn}`.toLowerCase().includes(wanted),
    );
    if (holding.length > 0) return holding.slice(0, SHOWN);
    const title = closest(
      text,
      books.map((book) => book.title),
    );
    return books.filter((book) => book.title === title).slice(0, 1);
  }
  const id = closest(
    text,
    books.map((book) => String(book.id)),
  );
  return books.filter((book) => String(book.id) === id).slice(0, 1);
}
