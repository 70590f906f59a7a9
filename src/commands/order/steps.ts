/** The saga's journal in words: what each entry means, and what is waited for after it. */
import type {
  JournalEntry,
  OrderEvent,
  OrderStatus,
  TimelineEntry,
} from '../../contracts/orders.ts';
import type { Mark } from '../progress.ts';
import { describeReason } from './describe.ts';

/** Mark and meaning of each event, as one line of the live view. */
const STEPS: Readonly<Record<OrderEvent, readonly [Mark, string]>> = {
  accepted: ['done', 'the mediator has the order'],
  reserved: ['done', 'inventory holds the copies'],
  refused: ['failed', 'inventory holds nothing'],
  charged: ['done', 'payment captured the amount'],
  declined: ['failed', 'payment was declined'],
  retried: ['warning', 'failed, asked again'],
  'timed-out': ['failed', 'no answer in time, so it goes back'],
  stuck: ['warning', 'no answer for long, asked again and again'],
  'cancel-requested': ['undone', 'the customer takes the order back'],
  committed: ['done', 'inventory took the copies off the shelf'],
  recorded: ['done', 'customer has it in the history'],
  confirmed: ['done', 'the order is final'],
  unrecorded: ['undone', 'customer has it marked as cancelled'],
  voided: ['undone', 'payment captures nothing any more'],
  refunded: ['undone', 'payment gave the amount back'],
  released: ['undone', 'inventory has the copies back'],
  rejected: ['failed', 'the order ends without a sale'],
  cancelled: ['undone', 'the order was cancelled'],
  shipped: ['done', 'the books are on their way'],
  notified: ['done', 'notification sent the mail'],
};

/** What is going on in each status. */
const WAITING: Readonly<Record<OrderStatus, string>> = {
  reserving: 'inventory holds the copies',
  charging: 'payment captures the amount',
  resolving: 'payment is asked what became of the charge',
  settling: 'inventory and customer write it down',
  releasing: 'inventory takes the copies back',
  refunding: 'payment gives the amount back',
  confirmed: 'notification sends the mail',
  shipped: 'notification sends the mail',
  rejected: 'notification sends the mail',
  cancelled: 'notification sends the mail',
};

/** Mark of an event, for the line in front of which it stands. */
export function markOf(event: OrderEvent): Mark {
  return STEPS[event][0];
}

/** As wide as the events of an order that goes well. */
const EVENT_WIDTH = 9;

/** `reserved   inventory holds the copies`, with the reason where there is one. */
export function describeStep(
  entry: Pick<TimelineEntry, 'event' | 'reason'>,
  width = EVENT_WIDTH,
): string {
  const why = describeReason(entry.reason);
  const reason = why === undefined ? '' : ` (${why})`;
  return `${entry.event.padEnd(width)}  ${STEPS[entry.event][1]}${reason}`;
}

/** The width that all of these events need. */
export function eventWidth(entries: readonly Pick<TimelineEntry, 'event'>[]): number {
  return entries.reduce((most, each) => Math.max(most, each.event.length), EVENT_WIDTH);
}

/** What an order in this status waits for. */
export function describeWait(status: OrderStatus): string {
  return WAITING[status];
}

/** Services that owe an answer: the owners of the commands that were issued last. */
export function awaitedServices(
  entries: readonly Pick<JournalEntry, 'issued'>[],
): readonly string[] {
  const last = entries.findLast((entry) => entry.issued.length > 0);
  const names = last?.issued.map((message) => message.split('.')[0] ?? message) ?? [];
  return [...new Set(names.map((name) => (name === 'order' ? 'notification' : name)))];
}
