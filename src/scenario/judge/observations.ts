/** What was seen of a run, as data: read from databases and the saga log, wherever the run took place. */
import type { Mail } from '../../contracts/notification.ts';
import type { OrderDetail } from '../../contracts/orders.ts';
import type { BodyOf } from '../../contracts/message.ts';
import type { audited as paymentAudited } from '../../contracts/payment.ts';

/** An order of the scenario, and the saga log's view of it. */
export interface SeenOrder {
  /** Its name in the file. */
  readonly name: string;
  /** Absent while the mediator has not accepted it. */
  readonly detail?: OrderDetail;
  /** Why the mediator refused to accept it. */
  readonly refusal?: string;
  /** When its customer clicked, milliseconds since the run began. */
  readonly placedAtMs?: number;
}

/** A book as the inventory's database has it; `ref` is its number in the file. */
export interface SeenBook {
  readonly ref: number;
  readonly initial: number;
  readonly onHand: number;
  readonly held: number;
  readonly sold: number;
}

export type SeenPayment = BodyOf<typeof paymentAudited>['payments'][number];

/** A moment of the stock that must never be. */
export interface StockBreach {
  readonly atMs: number;
  readonly book: SeenBook;
  readonly problem: string;
}

/** What became of the messages of a run, as the parts wrote it down. */
export interface MessageTally {
  /** Lines that the parts wrote down; with none, nothing can be said of messages. */
  readonly recorded: number;
  readonly redelivered: number;
  readonly deadLettered: number;
  readonly duplicatesIgnored: number;
  readonly unroutable: number;
  /** Confirmed by the broker, and neither consumed nor kept among the dead letters. */
  readonly lost: readonly LostMessage[];
}

export interface LostMessage {
  readonly message: string;
  readonly messageId: string;
  /** The order's name in the file. */
  readonly order?: string;
  /** A fault may hold it back until then, milliseconds since the run began: it may still be consumed. */
  readonly heldUntilMs?: number;
}

/** The saga log of one order, decided once more. */
export interface SeenSaga {
  readonly orderId: string;
  /** Entries of the saga log. */
  readonly entries: number;
  /** Entries of it in the log store. */
  readonly logged: number;
  /** Where a new decision differs from the log; absent when every transition is legal. */
  readonly difference?: string;
}

/** Times are milliseconds since the run began. Ids are the real ones; names are the file's. */
export interface Observations {
  readonly atMs: number;
  /** Wall clock of the beginning, to which the saga log's times are compared. */
  readonly startedAt: number;
  readonly orders: readonly SeenOrder[];
  readonly books: readonly SeenBook[];
  readonly holds: ReadonlyArray<{ readonly orderId: string; readonly quantity: number }>;
  readonly payments: readonly SeenPayment[];
  /** How often an order stands in a customer's history. */
  readonly records: ReadonlyArray<{ readonly orderId: string; readonly records: number }>;
  readonly mails: readonly Mail[];
  readonly breaches: readonly StockBreach[];
  /** Sagas of the run that belong to no order of the file, or to one that has another. */
  readonly strays: ReadonlyArray<{ readonly orderId: string; readonly order: string | undefined }>;
  readonly messages: MessageTally;
  /** How often each part was killed, frozen or restarted, or kept from committing, on purpose. */
  readonly disturbed: Readonly<Record<string, number>>;
  /** Read at the end only: it takes time. */
  readonly sagas?: readonly SeenSaga[];
  /** What is wrong with parts of the stack; empty when all answer. Read only where a scenario asks. */
  readonly troubles?: readonly string[];
  /** Messages that wait in work queues, by queue; only those that are not empty. Read only where a scenario asks. */
  readonly waiting?: Readonly<Record<string, number>>;
}

/** Before anybody has looked. */
export const NOTHING_SEEN: Omit<Observations, 'startedAt'> = {
  atMs: 0,
  orders: [],
  books: [],
  holds: [],
  payments: [],
  records: [],
  mails: [],
  breaches: [],
  strays: [],
  messages: {
    recorded: 0,
    redelivered: 0,
    deadLettered: 0,
    duplicatesIgnored: 0,
    unroutable: 0,
    lost: [],
  },
  disturbed: {},
};

export interface AcceptedOrder {
  readonly name: string;
  readonly detail: OrderDetail;
}

/** The orders that the mediator accepted. */
export function acceptedOrders({ orders }: Pick<Observations, 'orders'>): AcceptedOrder[] {
  return orders.flatMap(({ name, detail }) => (detail === undefined ? [] : [{ name, detail }]));
}

/** Captured minus refunded of one order. */
export function netPaidCents({ payments }: Observations, orderId: string | undefined): number {
  return payments
    .filter((each) => each.orderId === orderId)
    .reduce((sum, each) => sum + each.capturedCents - each.refundedCents, 0);
}
