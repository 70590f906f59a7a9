/** The rows of a waterfall: what the saga log says happened, and what each part did for it. */
import type { LogRecord } from '../../contracts/logs.ts';
import type { OrderDetail, TimelineEntry } from '../../contracts/orders.ts';
import { describeReason } from '../order/describe.ts';
import { markOf } from '../order/steps.ts';
import type { Mark } from '../progress.ts';

export interface TraceRow {
  /** `event` stands in the saga log; `work` is a message that a part handled. */
  readonly kind: 'event' | 'work';
  readonly part: string;
  /** `declined (lost_card) → inventory.release`, or `payment.charge → payment.charged`. */
  readonly what: string;
  /** Milliseconds since the customer's request. */
  readonly offsetMs: number;
  /** Of the handling; absent for what happened at a point in time. */
  readonly durationMs?: number;
  readonly mark: Mark;
  /** From 1; more than 1 means that it was asked for again. */
  readonly attempt?: number;
  readonly redelivered?: boolean;
}

const MEDIATOR = 'mediator';
/** What gives something back that was taken before. */
const COMPENSATIONS = new Set([
  'inventory.release',
  'payment.void',
  'payment.refund',
  'customer.cancel-order',
]);
/** Answers that say no. */
const REFUSALS = /refused|declined/;

/**
 * All rows of an order, in the order of time. The mediator's handling of a reply and the event that came of
 * it are one row; a handling without an event (a repeat, for example) is a row of its own.
 */
export function traceRows(order: OrderDetail, records: readonly LogRecord[]): readonly TraceRow[] {
  const start = order.timeline[0]?.at ?? order.placedAt;
  const unclaimed = new Set(records.filter((record) => record.span !== undefined));
  const events = order.timeline.map((entry) => {
    const handling = claim(unclaimed, entry);
    return eventRow(entry, handling, start);
  });
  const work = [...unclaimed].flatMap((record) => workRow(record, start) ?? []);
  return [...work, ...events].toSorted(inTime);
}

/** Takes the first handling of the message that caused the entry, once. */
function claim(unclaimed: Set<LogRecord>, entry: TimelineEntry): LogRecord['span'] {
  if (entry.messageId === undefined) return undefined;
  for (const record of unclaimed) {
    if (record.service !== MEDIATOR || record.span?.messageId !== entry.messageId) continue;
    unclaimed.delete(record);
    return record.span;
  }
  return undefined;
}

function eventRow(entry: TimelineEntry, handling: LogRecord['span'], start: number): TraceRow {
  const { at, event, issued } = entry;
  const reason = describeReason(entry.reason);
  const why = reason === undefined ? '' : ` (${reason})`;
  return {
    kind: 'event',
    part: MEDIATOR,
    what: `${event}${why}${issued.length === 0 ? '' : ` → ${issued.join(', ')}`}`,
    offsetMs: Math.max(0, (handling?.startedAt ?? at) - start),
    mark: markOf(event),
    ...(handling !== undefined && handlingFacts(handling)),
  };
}

function handlingFacts({ durationMs, attempt, redelivered }: NonNullable<LogRecord['span']>) {
  return { durationMs, attempt, redelivered };
}

/** Work that begins in the millisecond of an event was caused by it; the event comes first. */
function inTime(a: TraceRow, b: TraceRow): number {
  return a.offsetMs - b.offsetMs || Number(a.kind === 'work') - Number(b.kind === 'work');
}

function workRow({ span, service }: LogRecord, start: number): TraceRow | undefined {
  if (span === undefined) return undefined;
  return {
    kind: 'work',
    part: service,
    what: span.reply === undefined ? span.message : `${span.message} → ${span.reply}`,
    offsetMs: Math.max(0, span.startedAt - start),
    mark: workMark(span.message, span.reply),
    ...handlingFacts(span),
  };
}

function workMark(message: string, reply: string | undefined): Mark {
  if (COMPENSATIONS.has(message)) return 'undone';
  if (reply === undefined) return 'info';
  return REFUSALS.test(reply) ? 'failed' : 'done';
}
