/** Money: the shop's ledger, its movements and the provider's own book must tell the same story as the saga. Pure. */
import type { ChargeFact, Evidence, LedgerFact, MovementFact, SagaFact } from './evidence.ts';
import { byOrder, isFulfilled, isTerminal, strangers } from './facts.ts';
import type { Violation } from './violation.ts';

const ABOUT = {
  check: 'paid-once',
  look: 'payment: ledger, ledger_entry, provider_charge',
} as const;

interface Books {
  readonly ledgers: readonly LedgerFact[];
  readonly movements: readonly MovementFact[];
  readonly charges: readonly ChargeFact[];
}

export function judgeMoney({ sagas, ledgers, movements, charges }: Evidence): Violation[] {
  const books = {
    ledgers: byOrder(ledgers),
    movements: byOrder(movements),
    charges: byOrder(charges),
  };
  const wrong = sagas.flatMap((saga) => {
    const mine = {
      ledgers: books.ledgers.get(saga.id) ?? [],
      movements: books.movements.get(saga.id) ?? [],
      charges: books.charges.get(saga.id) ?? [],
    };
    return problemsOf(saga, mine).map((problem) => ({ ...ABOUT, orderId: saga.id, problem }));
  });
  const paying = [...books.ledgers.keys(), ...books.charges.keys()];
  return [...wrong, ...strangers(sagas, paying, ABOUT)];
}

function problemsOf(saga: SagaFact, { ledgers, movements, charges }: Books): string[] {
  const ledger = ledgers[0];
  const ledgerNet = (ledger?.capturedCents ?? 0) - (ledger?.refundedCents ?? 0);
  const captures = movements.filter(({ kind }) => kind === 'capture');
  const movedNet = sum(movements.map(({ kind, cents }) => (kind === 'capture' ? cents : -cents)));
  // What the provider has of the customer's money, whatever the shop believes.
  const taken = charges.filter(({ outcome }) => outcome === 'captured');
  const everTaken = charges.filter(({ outcome }) => ['captured', 'returned'].includes(outcome));
  const takenNet = sum(taken.map(({ amountCents }) => amountCents));
  const due = isFulfilled(saga) ? (saga.totalCents ?? 0) : 0;
  const found: string[] = [];
  if (ledgers.length > 1) found.push(`${ledgers.length} ledgers`);
  if (captures.length > 1 || everTaken.length > 1)
    found.push(`captured ${Math.max(captures.length, everTaken.length)} times`);
  if (!isTerminal(saga)) return found;
  const story = `${saga.status}: due ${due}, ledger ${ledgerNet}, moved ${movedNet}, provider has ${takenNet} cents`;
  if ([ledgerNet, movedNet, takenNet].some((each) => each !== due)) found.push(story);
  if (charges.some(({ outcome }) => outcome === 'processing')) {
    found.push(`${saga.status}, and the provider may still capture`);
  }
  return found;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
