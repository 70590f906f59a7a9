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
};
const MAIL: Words = {
  handle: PARTICIPANT.handle ?? '',
  commit: 'mail sent, not committed',
  committed: 'mail sent and committed, no receipt yet',
  publish: 'before the receipt is sent',
  confirm: 'receipt sent, order not acked',
  ack: PARTICIPANT.ack ?? '',
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

const FAMILIES: readonly Family[] = [
  {
    part: 'mediator',
    message: 'order.place',
    kind: 'paid',
    points: ACCEPT,
    short: ['handle', 'committed', 'confirm'],
  },
  {
    part: 'mediator',
    message: 'inventory.reserved',
    kind: 'paid',
    points: REPLY,
    short: ['commit', 'committed'],
  },
  {
    part: 'mediator',
    message: 'payment.charged',
    kind: 'paid',
    points: REPLY,
    short: ['committed', 'confirm'],
  },
  { part: 'mediator', message: 'inventory.committed', kind: 'paid', points: LAST_REPLY, short: [] },
  {
    part: 'mediator',
    message: 'customer.order-recorded',
    kind: 'paid',
    points: LAST_REPLY,
    short: [],
  },
  {
    part: 'mediator',
    message: 'notification.sent',
    kind: 'paid',
    points: LAST_REPLY,
    short: ['handle'],
  },
  { part: 'mediator', message: 'inventory.refused', kind: 'unknown', points: REPLY, short: [] },
  {
    part: 'mediator',
    message: 'payment.declined',
    kind: 'declined',
    points: REPLY,
    short: ['committed'],
  },
  { part: 'mediator', message: 'inventory.released', kind: 'declined', points: REPLY, short: [] },
  { part: 'mediator', message: 'payment.voided', kind: 'unpayable', points: REPLY, short: [] },
  {
    part: 'inventory',
    message: 'inventory.reserve',
    kind: 'paid',
    points: PARTICIPANT,
    short: ['commit', 'committed'],
  },
  {
    part: 'inventory',
    message: 'inventory.commit',
    kind: 'paid',
    points: PARTICIPANT,
    short: ['commit', 'ack'],
  },
  {
    part: 'inventory',
    message: 'inventory.release',
    kind: 'declined',
    points: PARTICIPANT,
    short: ['committed'],
  },
  {
    part: 'payment',
    message: 'payment.charge',
    kind: 'paid',
    points: { ...PARTICIPANT, commit: 'the provider has the money, the ledger does not say so' },
    short: ['commit', 'committed'],
  },
  { part: 'payment', message: 'payment.void', kind: 'unpayable', points: PARTICIPANT, short: [] },
  {
    part: 'customer',
    message: 'customer.record-order',
    kind: 'paid',
    points: PARTICIPANT,
    short: ['commit', 'committed'],
  },
  {
    part: 'notification',
    message: 'order.confirmed',
    kind: 'paid',
    points: MAIL,
    short: ['commit', 'committed'],
  },
  { part: 'notification', message: 'order.rejected', kind: 'declined', points: MAIL, short: [] },
  {
    part: 'logging',
    message: 'log.records',
    kind: 'paid',
    points: RECORDS,
    short: ['commit', 'committed'],
  },
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
