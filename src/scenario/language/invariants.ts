/** The names of what must hold in every scenario, so that a file can leave one out. */

export const INVARIANTS = [
  'stock-balance',
  'no-hold-left',
  'paid-once',
  'money-balance',
  'one-final-status',
  'ordered-once',
  'history-once',
  'customer-told',
  'mails-once',
  'messages-kept',
  'legal-transitions',
  'log-complete',
] as const;
export type Invariant = (typeof INVARIANTS)[number];
