/** Invariants of the shelf: every copy is free, held or sold, and what is sold belongs to an order. Pure. */
import { plannedOrders, type Plan } from '../plan.ts';
import { namesById, standingOrders, type Breach } from './breach.ts';
import type { Observations, SeenBook } from './observations.ts';

/** What is wrong with a book at one moment; undefined when it balances. */
export function stockProblem({ ref, initial, onHand, held, sold }: SeenBook): string | undefined {
  const free = onHand - held;
  const numbers = `${free} free + ${held} held + ${sold} sold of ${initial}`;
  if (Math.min(free, held, sold) < 0) return `book ${ref} is below zero: ${numbers}`;
  if (free + held + sold !== initial) return `book ${ref} does not balance: ${numbers}`;
  return undefined;
}

export function stockBreaches(plan: Plan, seen: Observations): Breach[] {
  const now = seen.books.flatMap((book): Breach[] => {
    const problem = stockProblem(book);
    return problem === undefined ? [] : [{ problem }];
  });
  const wrongTotals = plan.books.flatMap(({ ref, copies }) => {
    const book = seen.books.find((each) => each.ref === ref);
    if (book === undefined) return [{ problem: `book ${ref} is gone` }];
    const due = standingCopies(plan, seen, ref);
    return [
      ...(book.initial === copies
        ? []
        : [{ problem: `book ${ref} began with ${book.initial} copies, not ${copies}` }]),
      ...(book.sold === due
        ? []
        : [{ problem: `book ${ref}: ${book.sold} sold, but ${due} in orders that stand` }]),
    ];
  });
  return [...seen.breaches, ...now, ...wrongTotals];
}

function standingCopies(plan: Plan, seen: Observations, ref: number): number {
  const standing = new Set(standingOrders(seen).map(({ name }) => name));
  return plannedOrders(plan)
    .filter(({ name, book }) => book === ref && standing.has(name))
    .reduce((sum, { quantity }) => sum + quantity, 0);
}

export function holdsLeft(_plan: Plan, seen: Observations): Breach[] {
  const names = namesById(seen);
  const byOrder = seen.holds.map(({ orderId, quantity }) => {
    const order = names.get(orderId);
    const problem = `${quantity} held for ${order ?? `the foreign order ${orderId}`}`;
    return { problem, ...(order !== undefined && { order }) };
  });
  if (byOrder.length > 0) return byOrder;
  return seen.books
    .filter(({ held }) => held !== 0)
    .map(({ ref, held }) => ({ problem: `${held} copies of book ${ref} held for nobody` }));
}
