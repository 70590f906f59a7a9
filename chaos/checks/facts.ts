/** Words that the checks share: when an order has ended, and whose a row is. */
import type { SagaFact } from './evidence.ts';
import type { Violation } from './violation.ts';

/** Statuses in which nothing more can happen to an order. */
export const TERMINAL: readonly string[] = ['shipped', 'rejected', 'cancelled'];

export function isTerminal({ status, open }: SagaFact): boolean {
  return TERMINAL.includes(status) && !open;
}

/** The customer has the books and pays for them. */
export function isFulfilled({ status }: SagaFact): boolean {
  return status === 'confirmed' || status === 'shipped';
}

export function byOrder<Row extends { readonly orderId: string }>(
  rows: readonly Row[],
): ReadonlyMap<string, readonly Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const mine = found.get(row.orderId);
    if (mine === undefined) found.set(row.orderId, [row]);
    else mine.push(row);
  }
  return found;
}

/** Orders that a part knows of and no mediator ever did. */
export function strangers(
  sagas: readonly SagaFact[],
  ids: Iterable<string>,
  about: Pick<Violation, 'check' | 'look'>,
): Violation[] {
  const known = new Set(sagas.map(({ id }) => id));
  return [...new Set(ids)]
    .filter((id) => !known.has(id))
    .map((orderId) => ({ ...about, orderId, problem: 'no saga has this order' }));
}
