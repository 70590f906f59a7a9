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
}

/** The orders that the mediator accepted. */
export function acceptedOrders({
  orders,
}: Observations): Array<Required<Omit<SeenOrder, 'refusal'>>> {
  return orders.flatMap(({ name, detail }) => (detail === undefined ? [] : [{ name, detail }]));
}

/** Captured minus refunded of one order. */
export function netPaidCents({ payments }: Observations, orderId: string | undefined): number {
  return payments
    .filter((each) => each.orderId === orderId)
    .reduce((sum, each) => sum + each.capturedCents - each.refundedCents, 0);
}
