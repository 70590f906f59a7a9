/** What must hold in every run, whatever the scenario expects: money, stock, history and honesty. Pure. */
import { FINAL_STATUSES, type OrderDetail } from '../../contracts/orders.ts';
import { formatMoney } from '../../kernel/money.ts';
import { INVARIANTS, type Invariant } from '../language/invariants.ts';
import { plannedOrders, type Plan } from '../plan.ts';
import { examplesOf, listNames, type Check } from './check.ts';
import { acceptedOrders, netPaidCents, type Observations, type SeenBook } from './observations.ts';

/** What breaks an invariant, and whose trail explains it. */
interface Breach {
  readonly problem: string;
  readonly order?: string;
  readonly atMs?: number;
}

interface Rule {
  readonly expected: string;
  readonly breaches: (plan: Plan, seen: Observations) => readonly Breach[];
}

const RULES: Readonly<Record<Invariant, Rule>> = {
  'stock-balance': {
    expected:
      'free + held + sold = initial for each book, never below zero, sold = in orders that stand',
    breaches: stockBreaches,
  },
  'no-hold-left': { expected: 'no copies held for an order that has ended', breaches: holdsLeft },
  'paid-once': {
    expected: 'one capture for each order that stands, no money for any other',
    breaches: wrongPayments,
  },
  'money-balance': {
    expected: 'captured − refunded = the sum of all orders that stand',
    breaches: wrongSum,
  },
  'one-final-status': {
    expected: 'every accepted order ends, in exactly one final status',
    breaches: wrongEndings,
  },
  'history-once': {
    expected: 'each order that stands once in its customer’s history, no other there',
    breaches: wrongRecords,
  },
  'customer-told': { expected: 'at least one mail for each order that ended', breaches: untold },
};

/** One check for each invariant that the scenario does not skip. */
export function judgeInvariants(plan: Plan, seen: Observations): Check[] {
  return INVARIANTS.filter((name) => !plan.skipped.includes(name)).map((name) => {
    const { expected, breaches } = RULES[name];
    const found = breaches(plan, seen);
    const at = found.map(({ atMs }) => atMs).find((atMs) => atMs !== undefined);
    return {
      name,
      kind: 'invariant',
      isMet: found.length === 0,
      expected,
      found: found.length === 0 ? 'it holds' : listBreaches(found),
      atMs: at ?? seen.atMs,
      orders: examplesOf([...new Set(found.flatMap(({ order }) => order ?? []))]),
    };
  });
}

function listBreaches(breaches: readonly Breach[]): string {
  return listNames(breaches.map(({ problem }) => problem)).replaceAll('; ', ', ');
}

/** What is wrong with a book at one moment; undefined when it balances. */
export function stockProblem({ ref, initial, onHand, held, sold }: SeenBook): string | undefined {
  const free = onHand - held;
  const numbers = `${free} free + ${held} held + ${sold} sold of ${initial}`;
  if (Math.min(free, held, sold) < 0) return `book ${ref} is below zero: ${numbers}`;
  if (free + held + sold !== initial) return `book ${ref} does not balance: ${numbers}`;
  return undefined;
}

function stockBreaches(plan: Plan, seen: Observations): Breach[] {
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

function standingOrders(seen: Observations): ReturnType<typeof acceptedOrders> {
  return acceptedOrders(seen).filter(({ detail }) => isStanding(detail));
}

/** Sold and paid; what was taken back before it was shipped is not. */
function isStanding({ status }: OrderDetail): boolean {
  return status === 'confirmed' || status === 'shipped';
}

function holdsLeft(_plan: Plan, seen: Observations): Breach[] {
  const names = new Map(acceptedOrders(seen).map(({ name, detail }) => [detail.id, name]));
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

function wrongPayments(plan: Plan, seen: Observations): Breach[] {
  const price = pricesOf(plan);
  return acceptedOrders(seen).flatMap(({ name, detail }) => {
    const captures = seen.payments
      .filter(({ orderId }) => orderId === detail.id)
      .reduce((sum, each) => sum + each.captures, 0);
    const paid = netPaidCents(seen, detail.id);
    const due = isStanding(detail) ? price(name, detail) : 0;
    const isRight = paid === due && (!isStanding(detail) || captures === 1);
    if (isRight) return [];
    const times = `${captures} ${captures === 1 ? 'capture' : 'captures'}`;
    const problem = `${name} is ${detail.status}: ${times}, net ${formatMoney(paid)} instead of ${formatMoney(due)}`;
    return [{ order: name, problem }];
  });
}

/** What an order costs by the prices of the scenario; the shop's own sum only for books that are not its. */
function pricesOf(plan: Plan): (name: string, detail: OrderDetail) => number {
  const books = new Map(plan.books.map(({ ref, priceCents }) => [ref, priceCents]));
  const prices = new Map(
    plannedOrders(plan).map(({ name, book, quantity }) => {
      const price = books.get(book);
      return [name, price === undefined ? undefined : price * quantity];
    }),
  );
  return (name, detail) => prices.get(name) ?? detail.totalCents ?? 0;
}

function wrongSum(plan: Plan, seen: Observations): Breach[] {
  const price = pricesOf(plan);
  const paid = seen.payments.reduce(
    (sum, each) => sum + each.capturedCents - each.refundedCents,
    0,
  );
  const due = standingOrders(seen).reduce((sum, { name, detail }) => sum + price(name, detail), 0);
  if (paid === due) return [];
  return [{ problem: `${formatMoney(paid)} kept, but orders for ${formatMoney(due)} stand` }];
}

/** The ways in which an order may end; a confirmed one is shipped later, or cancelled before. */
const LIVES = ['rejected', 'cancelled', 'confirmed', 'confirmed,shipped', 'confirmed,cancelled'];

function wrongEndings(_plan: Plan, seen: Observations): Breach[] {
  return acceptedOrders(seen).flatMap(({ name, detail }) => {
    const { status, open, timeline } = detail;
    const endings = timeline.filter(({ event }) => FINAL_STATUSES.some((each) => each === event));
    if (open) return [{ order: name, problem: `${name} is ${status} and still open` }];
    const said = endings.map(({ event }) => event);
    if (said.at(-1) === status && LIVES.some((life) => life === said.join())) return [];
    const events = said.join(' and ') || 'not ended';
    return [{ order: name, problem: `${name} is ${status}, but its log says ${events}` }];
  });
}

function wrongRecords(_plan: Plan, seen: Observations): Breach[] {
  return acceptedOrders(seen).flatMap(({ name, detail }) => {
    const records = seen.records
      .filter(({ orderId }) => orderId === detail.id)
      .reduce((sum, each) => sum + each.records, 0);
    const due = isStanding(detail) ? 1 : 0;
    if (records === due) return [];
    return [
      { order: name, problem: `${name} is ${detail.status} and ${records} times in a history` },
    ];
  });
}

function untold(_plan: Plan, seen: Observations): Breach[] {
  const told = new Set(seen.mails.map(({ orderId }) => orderId));
  return acceptedOrders(seen)
    .filter(({ detail }) => FINAL_STATUSES.includes(detail.status) && !told.has(detail.id))
    .map(({ name, detail }) => ({ order: name, problem: `${name} is ${detail.status}, no mail` }));
}
