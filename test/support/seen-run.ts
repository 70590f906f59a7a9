/** A run in which everything went right, for tests that break one thing of it. */
import type { OrderDetail, OrderEvent, OrderStatus } from '../../src/contracts/orders.ts';
import { judgeInvariants } from '../../src/scenario/judge/invariants.ts';
import type { Invariant } from '../../src/scenario/language/invariants.ts';
import { parseScenarioOrThrow } from '../../src/scenario/language/parse.ts';
import { planOf, type Plan } from '../../src/scenario/plan.ts';
import type {
  MessageTally,
  Observations,
  SeenBook,
  SeenPayment,
} from '../../src/scenario/judge/observations.ts';

/** The plan of a scenario text that asks for a single run. */
export function planFor(text: string): Plan {
  const [run, ...others] = parseScenarioOrThrow({ file: 'x.yaml', text });
  if (run === undefined || others.length > 0) throw new Error('not exactly one run');
  return planOf(run);
}

export const PLAN: Plan = planFor(`scenario: x
about: One order is confirmed, one is rejected.
given: { books: { 42: { stock: 10, price: 39.00 } } }
steps:
  - order: { id: good, book: 42, quantity: 2 }
  - order: { id: bad, book: 42 }
expect: {}
`);

export const GOOD = '00000000-0000-7000-8000-000000000001';
export const BAD = '00000000-0000-7000-8000-000000000002';
const STARTED_AT = 1_000_000;

/** An order with a timeline of these events, 10 ms apart. */
export function orderOf(
  id: string,
  status: OrderStatus,
  events: readonly OrderEvent[],
): OrderDetail {
  return {
    id,
    status,
    open: false,
    customerId: 'alice',
    lines: [{ bookId: 100_001, quantity: 1 }],
    currency: 'EUR',
    placedAt: STARTED_AT,
    updatedAt: STARTED_AT,
    traceparent: '',
    timeline: events.map((event, index) => ({
      seq: index + 1,
      at: STARTED_AT + index * 10,
      event,
      status,
      issued: [],
    })),
  };
}

export const GOOD_ORDER = {
  name: 'good',
  placedAtMs: 0,
  detail: orderOf(GOOD, 'confirmed', ['accepted', 'reserved', 'charged', 'confirmed', 'notified']),
};
export const BAD_ORDER = {
  name: 'bad',
  placedAtMs: 0,
  detail: orderOf(BAD, 'rejected', [
    'accepted',
    'reserved',
    'declined',
    'released',
    'rejected',
    'notified',
  ]),
};
export const BOOK: SeenBook = { ref: 42, initial: 10, onHand: 8, held: 0, sold: 2 };
export const CAPTURED: SeenPayment = {
  orderId: GOOD,
  state: 'CAPTURED',
  capturedCents: 7_800,
  refundedCents: 0,
  captures: 1,
};
export const DECLINED: SeenPayment = {
  orderId: BAD,
  state: 'DECLINED',
  capturedCents: 0,
  refundedCents: 0,
  captures: 0,
};

export const TALLY: MessageTally = {
  recorded: 100,
  redelivered: 0,
  deadLettered: 0,
  duplicatesIgnored: 0,
  unroutable: 0,
  lost: [],
};

/** A mail as the notification service keeps it. */
export function mailOf(orderId: string, template: string): Observations['mails'][number] {
  const id = `${template}-${orderId}`;
  return { id, orderId, to: 'alice@scenario.test', subject: 's', template, sentAt: STARTED_AT };
}

export const SEEN: Observations = {
  atMs: 500,
  startedAt: STARTED_AT,
  orders: [GOOD_ORDER, BAD_ORDER],
  books: [BOOK],
  holds: [],
  payments: [CAPTURED, DECLINED],
  records: [{ orderId: GOOD, records: 1 }],
  mails: [mailOf(GOOD, 'invoice'), mailOf(BAD, 'rejection')],
  breaches: [],
  strays: [],
  messages: TALLY,
  disturbed: {},
  sagas: [
    { orderId: GOOD, entries: 5, logged: 5 },
    { orderId: BAD, entries: 6, logged: 6 },
  ],
};

/** Names of the invariants that a change of a good run breaks. */
export function brokenBy(change: Partial<Observations>): Invariant[] {
  return judgeInvariants(PLAN, { ...SEEN, ...change })
    .filter(({ isMet }) => !isMet)
    .map(({ name }) => name as Invariant);
}
