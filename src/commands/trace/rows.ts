/** The rows of a waterfall: what the saga log says happened, and what each part did for it. */
import type { LogRecord } from '../../contracts/logs.ts';
import type { OrderDetail } from '../../contracts/orders.ts';
import { markOf } from '../order/steps.ts';
import type { Mark } from '../progress.ts';

export interface TraceRow {
  /** `event` stands in the saga log; `work` is a message that a part handled. */
  readonly kind: 'event' | 'work';
  readonly part: string;
  /** `charged`, or `payment.charge → payment.charged`. */
  readonly what: string;
  /** Milliseconds since the customer's request. */
  readonly offsetMs: number;
  /** Of work; an event is a point in time. */
  readonly durationMs?: number;
  readonly mark: Mark;
  /** From 1; more than 1 means that it was asked for again. */
  readonly attempt?: number;
  readonly redelivered?: boolean;
  readonly reason?: string;
}

/** What gives something back that was taken before. */
const COMPENSATIONS = new Set(['inventory.release', 'payment.void', 'payment.refund']);
/** Answers that say no. */
const REFUSALS = /refused|declined/;

/** All rows of an order, in the order of time. */
export function traceRows(order: OrderDetail, records: readonly LogRecord[]): readonly TraceRow[] {
  const start = order.timeline[0]?.at ?? order.placedAt;
  const events = order.timeline.map((entry): TraceRow => {
    const offsetMs = Math.max(0, entry.at - start);
    const { reason } = entry;
    return {
      kind: 'event',
      part: 'mediator',
      what: entry.event,
      offsetMs,
      mark: markOf(entry.event),
      ...(reason !== undefined && { reason }),
    };
  });
  const work = records.flatMap((record) => workRow(record, start) ?? []);
  return [...work, ...events].toSorted(inTime);
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
    durationMs: span.durationMs,
    mark: workMark(span.message, span.reply),
    attempt: span.attempt,
    redelivered: span.redelivered,
  };
}

function workMark(message: string, reply: string | undefined): Mark {
  if (COMPENSATIONS.has(message)) return 'undone';
  if (reply === undefined) return 'info';
  return REFUSALS.test(reply) ? 'failed' : 'done';
}
