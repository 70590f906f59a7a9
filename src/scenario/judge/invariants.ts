/** What must hold in every run, whatever the scenario expects: money, stock, history and honesty. Pure. */
import { INVARIANTS, type Invariant } from '../language/invariants.ts';
import type { Plan } from '../plan.ts';
import { standingOrders, type Breach, type Rule } from './breach.ts';
import { examplesOf, listNames, type Check } from './check.ts';
import { illegalTransitions, messagesLost, unlogged } from './log-rules.ts';
import { mailedTwice, untold } from './mail-rules.ts';
import { wrongPayments, wrongSum } from './money-rules.ts';
import { acceptedOrders, type Observations } from './observations.ts';
import { orderedTwice, wrongEndings, wrongRecords } from './order-rules.ts';
import { holdsLeft, stockBreaches } from './stock-rules.ts';

/** By name: what is expected, for people, and what breaks it. */
const RULES: Readonly<Record<Invariant, readonly [expected: string, breaches: Rule]>> = {
  'stock-balance': [
    'free + held + sold = initial for each book, never below zero, sold = in orders that stand',
    stockBreaches,
  ],
  'no-hold-left': ['no copies held for an order that has ended', holdsLeft],
  'paid-once': ['one capture for each order that stands, no money for any other', wrongPayments],
  'money-balance': ['captured − refunded = the sum of all orders that stand', wrongSum],
  'one-final-status': ['every accepted order ends, in exactly one final status', wrongEndings],
  'ordered-once': ['one saga for each order, however often its customer clicked', orderedTwice],
  'history-once': [
    'each order that stands once in its customer’s history, no other there',
    wrongRecords,
  ],
  'customer-told': ['at least one mail for each milestone of an order', untold],
  'mails-once': [
    'no mail twice, except where notification was disturbed; none for what did not happen',
    mailedTwice,
  ],
  'messages-kept': ['every confirmed message is consumed or among the dead letters', messagesLost],
  'legal-transitions': [
    'every saga log, decided once more, leads to what the database has',
    illegalTransitions,
  ],
  'log-complete': ['the log store has every entry of the saga log', unlogged],
};

/** What an invariant says, for people. */
export function expectedOf(name: Invariant): string {
  return RULES[name][0];
}

/** One check for each invariant that the scenario does not skip, and whose data was looked at. */
export function judgeInvariants(plan: Plan, seen: Observations): Check[] {
  const kept = INVARIANTS.filter((name) => !plan.skipped.includes(name));
  return kept.flatMap((name): Check[] => {
    const [expected, breachesOf] = RULES[name];
    const found = breachesOf(plan, seen);
    if (found === undefined) return [];
    if ('unproven' in found) return [unproven(name, found.unproven, seen)];
    const at = found.map(({ atMs }) => atMs).find((atMs) => atMs !== undefined);
    return [
      {
        name,
        kind: 'invariant',
        isMet: found.length === 0,
        expected,
        found: found.length === 0 ? 'it holds' : listBreaches(found),
        atMs: at ?? seen.atMs,
        orders: found.length === 0 ? [] : ordersOf(found, seen),
      },
    ];
  });
}

function unproven(name: Invariant, why: string, { atMs }: Observations): Check {
  const expected = expectedOf(name);
  const base = { name, kind: 'invariant', expected, found: why, atMs, orders: [] } as const;
  return { ...base, isMet: false, isVague: true };
}

/** Those that are named; where none is, such as for a book, those that came through, or else any. */
function ordersOf(breaches: readonly Breach[], seen: Observations): readonly string[] {
  const named = breaches.flatMap(({ order }) => order ?? []);
  const others = [...standingOrders(seen), ...acceptedOrders(seen)].map(({ name }) => name);
  return examplesOf([...new Set(named.length > 0 ? named : others)]);
}

function listBreaches(breaches: readonly Breach[]): string {
  return listNames(breaches.map(({ problem }) => problem)).replaceAll('; ', ', ');
}
