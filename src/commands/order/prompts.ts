/** Asks for an order in a terminal: a book list to search by typing, then quantity, customer and payment. */
import { createPromptModule } from 'inquirer';

import type { Book } from '../../contracts/inventory.ts';
import type { PlaceOrder } from '../../contracts/orders.ts';
import type { PaymentMethod } from '../../contracts/payment.ts';
import { MAX_COPIES } from '../../contracts/primitives.ts';
import { TEST_CARDS, type TestCard } from '../../contracts/test-cards.ts';
import { unreachable } from '../../kernel/errors.ts';
import { formatMoney } from '../../kernel/money.ts';
import type { CommandContext } from '../context.ts';
import { findCustomer } from '../customers/find.ts';
import type { MediatorClient } from '../mediator-client.ts';
import { cut } from '../table.ts';

export interface Questions {
  readonly client: MediatorClient;
  readonly context: CommandContext;
  /** Given by a flag: not asked. */
  readonly quantity: number | undefined;
  readonly customer: string | undefined;
  readonly payment: PaymentMethod | undefined;
}

/** The most that one answer of the mediator holds. */
const CATALOGUE = 500;
const LISTED = 100;
/** Inquirer's pointer before a choice, and the last column, where some terminals break the line. */
const MARGIN = 4;
const SOLD_OUT = '(sold out)';

/** @throws ExitPromptError (of inquirer) on Ctrl-C: nothing was sent. */
export async function askForOrder(questions: Questions): Promise<PlaceOrder> {
  const { client, context } = questions;
  const { stdin: input, stderr: output } = context.streams;
  const prompt = createPromptModule({ input, output });
  const { books } = await client.books(undefined, CATALOGUE);
  const width = (context.terminal.err.columns ?? 80) - MARGIN;
  const book = await askBook(prompt, books, width);
  const quantity = questions.quantity ?? (await askQuantity(prompt, book));
  const customerId = await chooseCustomer(prompt, questions, width);
  const payment =
    questions.payment ?? (await askPayment(prompt, book.priceCents * quantity, width));
  return { customerId, lines: [{ bookId: book.id, quantity }], payment };
}

type Prompt = ReturnType<typeof createPromptModule<never>>;

/** Searches in what was read before, so that a shop that is closed is told before anything is asked. */
async function askBook(prompt: Prompt, books: readonly Book[], width: number): Promise<Book> {
  const { book } = await prompt<{ book: Book }>([
    {
      type: 'search',
      name: 'book',
      message: 'Which book? (type to search)',
      source: (typed: string | undefined) =>
        matching(books, typed ?? '').map((each) => bookChoice(each, width)),
    },
  ]);
  return book;
}

function matching(books: readonly Book[], typed: string): readonly Book[] {
  const wanted = typed.trim().toLowerCase();
  return books.filter((book) =>
    `${book.title} ${book.author} ${book.isbn}`.toLowerCase().includes(wanted),
  );
}

/** One line: of title and author as much as finds room beside price and stock. */
function bookChoice(book: Book, width: number) {
  const isSoldOut = book.available === 0;
  const price = formatMoney(book.priceCents, book.currency);
  const facts = ` · ${price}${isSoldOut ? '' : ` · ${book.available} left`}`;
  const room = width - facts.length - (isSoldOut ? SOLD_OUT.length + 1 : 0);
  return {
    value: book,
    name: `${cut(`${book.title} · ${book.author}`, room)}${facts}`,
    short: book.title,
    disabled: isSoldOut ? SOLD_OUT : false,
  };
}

async function askQuantity(prompt: Prompt, book: Book): Promise<number> {
  const most = Math.min(MAX_COPIES, book.available);
  if (most <= 1) return 1;
  const { quantity } = await prompt<{ quantity: number }>([
    {
      type: 'select',
      name: 'quantity',
      message: 'How many copies?',
      choices: Array.from({ length: most }, (_, index) => ({
        value: index + 1,
        name: `${index + 1} (${formatMoney(book.priceCents * (index + 1), book.currency)})`,
      })),
    },
  ]);
  return quantity;
}

async function chooseCustomer(
  prompt: Prompt,
  questions: Questions,
  width: number,
): Promise<string> {
  const { client, customer: given } = questions;
  if (given !== undefined) return (await findCustomer(client, given)).customer.id;
  const { customers } = await client.customers(LISTED);
  const { customer } = await prompt<{ customer: string }>([
    {
      type: 'select',
      name: 'customer',
      message: 'Who orders?',
      choices: customers.map(({ id, name, address }) => ({
        value: id,
        name: cut(`${name} (${id}), ${address.city}`, width),
      })),
      default: 'alice',
    },
  ]);
  return customer;
}

async function askPayment(
  prompt: Prompt,
  totalCents: number,
  width: number,
): Promise<PaymentMethod> {
  const { card } = await prompt<{ card: TestCard }>([
    {
      type: 'select',
      name: 'card',
      message: `Pay ${formatMoney(totalCents)} with?`,
      choices: TEST_CARDS.map((each) => ({ value: each, name: cut(cardName(each), width) })),
    },
  ]);
  return { kind: card.kind, token: card.token };
}

function cardName({ name, kind, behaviour }: TestCard): string {
  switch (behaviour.does) {
    case 'capture':
      return name === kind ? name : `${name} (${kind})`;
    case 'decline':
      return `${name} (${kind}, is declined: ${behaviour.reason})`;
    case 'error':
      return `${name} (${kind}, fails without an answer)`;
    case 'late':
      return `${name} (${kind}, answers after ${behaviour.afterMs / 1_000} s)`;
    default:
      return unreachable(behaviour, 'the behaviour of a test card');
  }
}
