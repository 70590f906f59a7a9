/** What customers of a run order: every way that an order can go, drawn from one seeded generator. */
import type { PlaceOrder } from '../../src/contracts/orders.ts';
import type { PaymentMethod } from '../../src/contracts/payment.ts';
import { BugError } from '../../src/kernel/errors.ts';
import type { Random } from '../../src/kernel/random.ts';
import type { Shelves } from './shelves.ts';

/**
 * `paid` is shipped; `declined` is refused by the card after the hold; `unpayable` fails again and again and is
 * voided; `unknown` names a book that nobody has; `scarce` may find nothing left; `cancelled` is taken back; `late` has a
 * card whose provider takes seconds.
 */
export type OrderKind =
  | 'paid'
  | 'declined'
  | 'unpayable'
  | 'unknown'
  | 'scarce'
  | 'cancelled'
  | 'late';

const CUSTOMERS = ['alice', 'hatter', 'queen', 'rabbit', 'dodo', 'duchess'];
const UNKNOWN_BOOK = 999_999;

const METHODS: Partial<Record<OrderKind, PaymentMethod>> = {
  declined: { kind: 'visa', token: 'tok_card_declined' },
  late: { kind: 'visa', token: 'tok_late_answer' },
  unpayable: { kind: 'visa', token: 'tok_provider_error' },
};
const GOOD: readonly PaymentMethod[] = [
  { kind: 'visa', token: 'tok_visa' },
  { kind: 'mastercard', token: 'tok_mastercard' },
  { kind: 'paypal', token: 'tok_paypal' },
];

export function orderOf(kind: OrderKind, shelves: Shelves, random: Random): PlaceOrder {
  return {
    customerId: pick(random, CUSTOMERS),
    lines: linesOf(kind, shelves, random),
    payment: METHODS[kind] ?? pick(random, GOOD),
  };
}

function linesOf(kind: OrderKind, shelves: Shelves, random: Random): PlaceOrder['lines'] {
  if (kind === 'unknown') return [{ bookId: UNKNOWN_BOOK, quantity: 1 }];
  const first = pick(random, kind === 'scarce' ? shelves.scarce : shelves.plenty);
  const second = pick(random, shelves.plenty);
  const lines = [{ bookId: first, quantity: random.integer(1, 2) }];
  if (second !== first) lines.push({ bookId: second, quantity: 1 });
  return lines;
}

/** One of a list that is not empty. */
export function pick<T>(random: Random, list: readonly T[]): T {
  const found = list[random.integer(0, list.length - 1)];
  if (found === undefined) throw new BugError('there is nothing to pick from');
  return found;
}
