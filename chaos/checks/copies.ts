/** Copies: every book balances, nobody holds what is over, and what was promised is what left the shelf. Pure. */
import type { BookFact, CopiesFact, Evidence } from './evidence.ts';
import { byOrder, isFulfilled, isTerminal, strangers } from './facts.ts';
import type { Violation } from './violation.ts';

export function judgeCopies(seen: Evidence): Violation[] {
  return [
    ...seen.books.flatMap(judgeBook),
    ...judgePromises(seen),
    ...judgeHolds(seen),
    ...judgeSales(seen),
  ];
}

/** One book at one instant. */
export function judgeBook({ id, initial, onHand, held, sold }: BookFact): Violation[] {
  const free = onHand - held;
  const about = { check: 'balance', look: `inventory: book ${id}` } as const;
  const numbers = `book ${id}: ${free} free + ${held} held + ${sold} sold, of ${initial}`;
  if (Math.min(free, held, sold) < 0) return [{ ...about, problem: `${numbers}: below zero` }];
  if (free + held + sold !== initial) return [{ ...about, problem: `${numbers}: no balance` }];
  return [];
}

/** By what mediators promised, not by what inventory believes. */
function judgePromises({ books, sagas }: Evidence): Violation[] {
  const promised = new Map<number, number>();
  for (const saga of sagas.filter(isFulfilled)) {
    for (const { bookId, quantity } of saga.lines) {
      promised.set(bookId, (promised.get(bookId) ?? 0) + quantity);
    }
  }
  return books.flatMap(({ id, initial }): Violation[] => {
    const copies = promised.get(id) ?? 0;
    if (copies <= initial) return [];
    const problem = `book ${id}: ${copies} copies promised of ${initial}`;
    return [{ check: 'oversold', problem, look: `mediator.saga, inventory: sale of book ${id}` }];
  });
}

function judgeHolds({ sagas, holds }: Evidence): Violation[] {
  const about = { check: 'no-hold-left', look: 'inventory: hold, order_state' } as const;
  const held = byOrder(holds);
  const left = sagas
    .filter((saga) => isTerminal(saga) && held.has(saga.id))
    .map(({ id, status }) => {
      return { ...about, orderId: id, problem: `${status}, and holds ${listOf(held.get(id))}` };
    });
  return [...left, ...strangers(sagas, held.keys(), about)];
}

function judgeSales({ sagas, sales }: Evidence): Violation[] {
  const about = { check: 'oversold', look: 'inventory: sale, order_state' } as const;
  const sold = byOrder(sales);
  const wrong = sagas.filter(isTerminal).flatMap((saga) => {
    const expected = isFulfilled(saga) ? listOf(saga.lines) : listOf([]);
    const found = listOf(sold.get(saga.id));
    if (found === expected) return [];
    const problem = `${saga.status} with ${expected}, sold were ${found}`;
    return [{ ...about, orderId: saga.id, problem }];
  });
  return [...wrong, ...strangers(sagas, sold.keys(), about)];
}

function listOf(lines: readonly Pick<CopiesFact, 'bookId' | 'quantity'>[] = []): string {
  if (lines.length === 0) return 'no copies';
  return lines
    .toSorted((a, b) => a.bookId - b.bookId)
    .map(({ bookId, quantity }) => `${quantity} of ${bookId}`)
    .join(', ');
}
