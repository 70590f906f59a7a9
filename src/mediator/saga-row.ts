/** A saga as the database has it, and what people see of it. */
import type { OrderView, TimelineEntry } from '../contracts/orders.ts';
import { OrderEvent, OrderStatus } from '../contracts/orders.ts';
import { Reason } from '../contracts/primitives.ts';
import type { Pending, Phase, SagaState } from '../saga/decide.ts';
import type { OrderData } from './order-saga.ts';

/** Columns of `saga` that a transition may change. */
export interface MovingColumns {
  readonly status: string;
  readonly pending: readonly Pending[];
  readonly progress: {
    readonly phase: Phase;
    readonly stage: string;
    readonly reached: readonly string[];
    readonly reason?: string | undefined;
  };
  readonly attempt: number;
  /** When what is pending is to be sent again, milliseconds since 1970; null for no timer. */
  readonly next_at: number | null;
  readonly data: OrderData;
  readonly open: boolean;
  readonly log_seq: number;
  readonly updated_at: number;
}

export interface SagaRow extends MovingColumns {
  readonly id: string;
  readonly definition: string;
  readonly definition_version: number;
  readonly definition_hash: string;
  readonly customer_id: string;
  readonly idempotency_key: string;
  readonly body_hash: string;
  /** Instance of the mediator that took the order. */
  readonly origin: string;
  readonly traceparent: string;
  readonly run: string | null;
  readonly created_at: number;
}

/** A row of `saga_log` that is not written yet. */
export interface LogEntry {
  readonly saga_id: string;
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly message_id: string | null;
  readonly payload: {
    readonly status: string;
    readonly reason?: string | undefined;
    /** Contract names of the commands decided in the same transition. */
    readonly issued: readonly string[];
  };
}

export function stateOf(row: SagaRow): SagaState<OrderData> {
  return { ...row.progress, status: row.status, pending: row.pending, data: row.data };
}

export function columnsOf(
  state: SagaState<OrderData>,
  rest: { nextAt: number | null; logSeq: number; now: number },
): MovingColumns {
  const { status, pending, data, phase, stage, reached, reason } = state;
  return {
    status,
    pending,
    progress: { phase, stage, reached, reason },
    attempt: Math.max(1, ...pending.map((each) => each.attempt)),
    next_at: rest.nextAt,
    data,
    open: phase !== 'closed',
    log_seq: rest.logSeq,
    updated_at: rest.now,
  };
}

export function viewOf(row: SagaRow): OrderView {
  const { priced, lines } = row.data;
  const reason = Reason.safeParse(row.progress.reason);
  return {
    id: row.id,
    status: OrderStatus.parse(row.status),
    ...(reason.success && { reason: reason.data }),
    open: row.open,
    customerId: row.customer_id,
    lines: [...(priced?.lines ?? lines)],
    ...(priced !== undefined && { totalCents: priced.totalCents }),
    currency: 'EUR',
    placedAt: row.created_at,
    updatedAt: row.updated_at,
    traceparent: row.traceparent,
  };
}

export function timelineOf(entry: LogEntry): TimelineEntry {
  const { seq, at, kind, message_id, payload } = entry;
  const reason = Reason.safeParse(payload.reason);
  return {
    seq,
    at,
    event: OrderEvent.parse(kind),
    status: OrderStatus.parse(payload.status),
    ...(message_id !== null && { messageId: message_id }),
    ...(reason.success && { reason: reason.data }),
    issued: [...payload.issued],
  };
}
