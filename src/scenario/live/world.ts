/** The world of a run inside a shop that others use too: books and customers of its own. */
import * as customer from '../../contracts/customer.ts';
import * as inventory from '../../contracts/inventory.ts';
import { BugError } from '../../kernel/errors.ts';
import type { Plan } from '../plan.ts';
import type { Connection } from './connection.ts';

export interface World {
  /** The run's id: in the header of its messages and in front of its customers' ids. */
  readonly run: string;
  /** Real book ids by the numbers of the file. */
  readonly books: ReadonlyMap<number, number>;
  /** The real id of a book: its own, or for one that is not `given` the number itself, which no shop has. */
  bookId(ref: number): number;
  customerId(name: string): string;
}

const ASK_WITHIN_MS = 5_000;
/** Most customers that one message may register. */
const CUSTOMERS_AT_ONCE = 200;

/** Makes the books and customers of a plan. @throws OutcomeUnknownError when a service does not answer. */
export async function createWorld(connection: Connection, plan: Plan): Promise<World> {
  const run = `${plan.name.slice(0, 20)}-${connection.ids.hex(3)}`;
  const customerId = (name: string): string => `${run}-${name}`;
  const [books] = await Promise.all([
    stockBooks(connection, plan, run),
    registerCustomers(
      connection,
      plan.customers.map((name) => ({ name, id: customerId(name) })),
      run,
    ),
  ]);
  return {
    run,
    books,
    customerId,
    bookId: (ref) => books.get(ref) ?? ref,
  };
}

async function stockBooks(
  { rpc }: Connection,
  { books }: Plan,
  run: string,
): Promise<ReadonlyMap<number, number>> {
  if (books.length === 0) return new Map();
  const { bookIds } = await rpc.ask({
    service: 'inventory',
    contract: inventory.stockBooks,
    body: {
      run,
      books: books.map(({ ref, copies, priceCents }) => ({
        title: `Book ${ref} of ${run}`,
        author: 'Scenario',
        priceCents,
        copies,
      })),
    },
    answer: inventory.booksStocked,
    withinMs: ASK_WITHIN_MS,
  });
  if (bookIds.length !== books.length) throw new BugError('inventory stocked other books');
  return new Map(books.map(({ ref }, index) => [ref, bookIds[index] ?? ref]));
}

async function registerCustomers(
  { rpc }: Connection,
  customers: ReadonlyArray<{ readonly name: string; readonly id: string }>,
  run: string,
): Promise<void> {
  for (let from = 0; from < customers.length; from += CUSTOMERS_AT_ONCE) {
    const some = customers.slice(from, from + CUSTOMERS_AT_ONCE);
    await rpc.ask({
      service: 'customer',
      contract: customer.register,
      body: { run, customers: some.map(profileOf) },
      answer: customer.registered,
      withinMs: ASK_WITHIN_MS,
    });
  }
}

function profileOf({ name, id }: { name: string; id: string }): customer.Profile {
  return {
    id,
    name: name.charAt(0).toUpperCase() + name.slice(1),
    email: `${id}@scenario.test`,
    address: { street: '1 Rabbit Hole', postalCode: '42', city: 'Wonderland', country: 'GB' },
  };
}
