/** Checks what was asked for against the shop before anything is sent. */
import type { PlaceOrder } from '../../contracts/orders.ts';
import type { PaymentMethod } from '../../contracts/payment.ts';
import { UserError } from '../../kernel/errors.ts';
import type { CommandContext } from '../context.ts';
import { findCustomer } from '../customers/find.ts';
import type { MediatorClient } from '../mediator-client.ts';
import { findBook } from './book-choice.ts';
import { bookIdOf, mergeLines } from './input.ts';

export interface Wish {
  readonly client: MediatorClient;
  readonly context: CommandContext;
  readonly books: ReadonlyArray<{ readonly text: string; readonly quantity: number }>;
  readonly customer: string;
  readonly payment: PaymentMethod;
}

/** A service that does not answer by then is not waited for: the saga checks the same once more. */
const PATIENCE_MS = 1_500;

/** @throws UserError `unknown-book` or `unknown-customer`, with suggestions. */
export async function checkWish(wish: Wish): Promise<PlaceOrder> {
  const { client, context, books, customer, payment } = wish;
  const lookups = [
    ...books.map((book) => findBook(client, book.text)),
    findCustomer(client, customer),
  ];
  await Promise.all(lookups.map((lookup) => answered(lookup, context)));
  const lines = books.map(({ text, quantity }) => ({ bookId: knownId(text), quantity }));
  return { customerId: customer, lines: [...mergeLines(lines)], payment };
}

/** Waits for a lookup, but not for a part that is down. */
async function answered(lookup: Promise<unknown>, { clock }: CommandContext): Promise<void> {
  const settled = lookup.catch((error: unknown) => {
    const isDown = error instanceof UserError && error.retryable;
    if (!isDown || ['stack-not-running', 'stack-crashed'].includes(error.code)) throw error;
  });
  const waiting = new AbortController();
  await Promise.race([settled, clock.sleep(PATIENCE_MS, waiting.signal)]).finally(() =>
    waiting.abort(),
  );
}

/** Without an answer of the catalogue only a number can be sent on. */
function knownId(text: string): number {
  const id = bookIdOf(text);
  if (id !== undefined) return id;
  throw new UserError('unknown-book', `"${text}" is not the id of a book.`, {
    hint: 'See `wonderland books` for the ids.',
  });
}
