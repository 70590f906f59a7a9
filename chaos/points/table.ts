/** Every place where a process is killed on purpose: which part, at which point of which message's life. */
import type { Point } from '../../src/contracts/faults.ts';
import type { OrderKind } from '../load/orders.ts';

export interface CrashPoint {
  /** `inventory/inventory.reserve@commit`: unique, and what `--point` looks in. */
  readonly name: string;
  readonly part: string;
  /** Contract name of the message in hand; `order.place` for an order over HTTP. */
  readonly message: string;
  readonly point: Point;
  /** The order that comes by there. */
  readonly kind: OrderKind;
  /** In words. */
  readonly about: string;
  /** Part of the short form as well. */
  readonly isShort: boolean;
}

type Words = Partial<Record<Point, string>>;

/** In the order in which a process passes them. */
const PARTICIPANT: Words = {
  handle: 'before anything was done',
  commit: 'all written, not committed',
  committed: 'committed, no reply yet',
  publish: 'before the reply is sent',
  confirm: 'reply sent, command not acked',
  ack: 'right before the ack',
};
const REPLY: Words = {
  handle: 'reply in hand, nothing written',
  commit: 'right before the update',
  committed: 'updated, nothing published',
  publish: 'before the next command is sent',
  confirm: 'next command sent, reply not acked',
  ack: 'right before the ack',
};
const LAST_REPLY: Words = {
  handle: REPLY.handle ?? '',
  commit: REPLY.commit ?? '',
  committed: 'updated, reply not acked',
  ack: REPLY.ack ?? '',
};
const ACCEPT: Words = {
  handle: 'before the insert',
  commit: 'right before the insert is committed',
  committed: 'inserted, nothing published',
  publish: 'before the first command is sent',
  confirm: 'first command sent, nobody answered',
  reply: 'decided, the customer not told',
};
const MAIL: Words = {
  handle: PARTICIPANT.handle ?? '',
  commit: 'mail sent, not committed',
  committed: 'mail sent and committed, no receipt yet',
  publish: 'before the receipt is sent',
  confirm: 'receipt sent, order not acked',
  ack: PARTICIPANT.ack ?? '',
};
const CHARGE: Words = {
  ...PARTICIPANT,
  commit: 'the provider has the money, the ledger does not say so',
};
const RECORDS: Words = {
  handle: 'before anything was stored',
  commit: 'stored, not committed',
  committed: 'committed, not acked',
  ack: 'right before the ack',
};

interface Family {
  readonly part: string;
  readonly message: string;
  readonly kind: OrderKind;
  readonly points: Words;
  /** Points of the short form. */
  readonly short: readonly Point[];
}

function family(
  part: string,
  message: string,
  kind: OrderKind,
  points: Words,
  short: readonly Point[] = [],
): Family {
  return { part, message, kind, points, short };
}

/** `<part>: <message> of an order that is <kind>`, with the points of the short form. */
const FAMILIES: readonly Family[] = [
  family('mediator', 'order.place', 'paid', ACCEPT, ['handle', 'committed', 'confirm']),
  family('mediator', 'inventory.reserved', 'paid', REPLY, ['commit', 'committed']),
  family('mediator', 'payment.charged', 'paid', REPLY, ['committed', 'confirm']),
  family('mediator', 'inventory.committed', 'paid', LAST_REPLY),
  family('mediator', 'customer.order-recorded', 'paid', LAST_REPLY),
  family('mediator', 'notification.sent', 'paid', LAST_REPLY, ['handle']),
  family('mediator', 'inventory.refused', 'unknown', REPLY),
  family('mediator', 'payment.declined', 'declined', REPLY, ['committed']),
  family('mediator', 'inventory.released', 'declined', REPLY),
  family('mediator', 'payment.voided', 'unpayable', REPLY),
  family('mediator', 'payment.refunded', 'cancelled', REPLY, ['committed']),
  family('mediator', 'customer.order-cancelled', 'cancelled', REPLY),
  family('inventory', 'inventory.reserve', 'paid', PARTICIPANT, ['commit', 'committed']),
  family('inventory', 'inventory.commit', 'paid', PARTICIPANT, ['commit', 'ack']),
  family('inventory', 'inventory.release', 'cancelled', PARTICIPANT, ['committed']),
  family('payment', 'payment.charge', 'paid', CHARGE, ['commit', 'committed']),
  family('payment', 'payment.void', 'unpayable', PARTICIPANT),
  family('payment', 'payment.refund', 'cancelled', PARTICIPANT, ['commit']),
  family('customer', 'customer.record-order', 'paid', PARTICIPANT, ['commit', 'committed']),
  family('customer', 'customer.cancel-order', 'cancelled', PARTICIPANT),
  family('notification', 'order.confirmed', 'paid', MAIL, ['commit', 'committed']),
  family('notification', 'order.rejected', 'declined', MAIL),
  family('notification', 'order.cancelled', 'cancelled', MAIL),
  family('notification', 'order.shipped', 'paid', MAIL),
  family('logging', 'log.records', 'paid', RECORDS, ['commit', 'committed']),
];

export const CRASH_POINTS: readonly CrashPoint[] = FAMILIES.flatMap(
  ({ part, message, kind, points, short }) =>
    Object.entries(points).map(([point, about]) => ({
      name: `${part}/${message}@${point}`,
      part,
      message,
      point: point as Point,
      kind,
      about,
      isShort: short.includes(point as Point),
    })),
);
