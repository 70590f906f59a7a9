/** Something that must never be, with what a person looks at first. */

export interface Violation {
  readonly check: CheckName;
  readonly orderId?: string;
  readonly problem: string;
  /** Tables that show it. */
  readonly look: string;
}

/** What is checked, and what it means. */
export const CHECKS = {
  answered: 'customers get a yes, a no, or are told to come back: nothing else',
  ends: 'every accepted order is one saga that ended, and no saga has no customer',
  'paid-once': 'one capture for each order that was fulfilled, net nothing for every other',
  balance: 'free + held + sold = initial for each book at every instant, never below zero',
  oversold: 'no more copies promised than there were, and each fulfilled order has its copies',
  'no-hold-left': 'no copies are held for an order that ended',
  history:
    'one record that stands in the customer’s history for each fulfilled order, none for others',
  told: 'a mail for each order that ended',
  'log-complete': 'the saga log has no gap, and the log store has all of it',
  'same-end': 'faults change nothing of how an order ends',
  'shown-as-stuck': 'an order that nobody answers for a minute is shown as stuck',
} as const;
export type CheckName = keyof typeof CHECKS;
