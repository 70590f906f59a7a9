/** A saga as the database has it, and what people see of it. */
import type { OrderView, TimelineEntry, Waiting } from '../contracts/orders.ts';
import { OrderEvent, OrderStatus } from '../contracts/orders.ts';
import { Reason } from '../contracts/primitives.ts';
import type { Outcome } from '../saga/definition.ts';
import type { Pending, Phase, SagaEvent, SagaState } from '../saga/state.ts';
import { findStep } from '../saga/lookup.ts';
import type { OrderData } from './order-data.ts';
import { sagaOf, type DefinitionReference } from './sagas.ts';

/** Columns of `saga` that a transition may change. */
export interface MovingColumns {
  readonly status: string;
  readonly pending: readonly Pending[];
  readonly progress: {
    readonly phase: Phase;
    readonly stage: string;
    readonly reached: readonly string[];
    readonly outcome?: Outcome | undefined;
    readonly milestone?: number | undefined;
    readonly reason?: string | undefined;
    readonly isCancelRequested?: boolean | undefined;
  };
  /** How often what is pending was sent. */
  readonly attempt: number;
  /** When the saga wants to hear from the clock, milliseconds since 1970; null: not any more. */
  readonly next_at: number | null;
  /** Since when what is pending is awaited, milliseconds since 1970. */
  readonly entered_at: number;
  /** Why a participant asked for a pause, in its own words. */
  readonly trouble: string | null;
  readonly data: OrderData;
  readonly open: boolean;
  readonly log_seq: number;
  readonly updated_at: number;
}

export interface SagaRow extends MovingColumns, DefinitionReference {
  readonly id: string;
  readonly customer_id: string;
  readonly idempotency_key: string;
  readonly body_hash: string;
  /** Instance of the mediator that took the order. */
  readonly origin: string;
  readonly traceparent: string;
  readonly run: string | null;
  readonly created_at: number;
}

/** What a transition came from: enough to decide it again. */
export type Cause = SagaEvent | { readonly kind: 'started'; readonly data: OrderData };

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
    /** At the first fact of each transition. */
    readonly cause?: Cause;
  };
}

export function stateOf(
  row: Pick<SagaRow, 'progress' | 'status' | 'pending' | 'data'>,
): SagaState<OrderData> {
  return { ...row.progress, status: row.status, pending: row.pending, data: row.data };
}

/** An order as people see it. */
export function viewOf(row: SagaRow): OrderView {
  const { priced, lines, refundedCents } = row.data;
  const reason = Reason.safeParse(row.progress.reason);
  const waiting = waitingOf(row);
  const isResting = row.progress.phase === 'resting' && row.next_at !== null;
  return {
    id: row.id,
    status: OrderStatus.parse(row.status),
    ...(reason.success && { reason: reason.data }),
    open: row.pending.length > 0,
    ...(waiting !== undefined && { waiting }),
    ...(isResting && { shipsAt: row.next_at ?? 0 }),
    customerId: row.customer_id,
    lines: [...(priced?.lines ?? lines)],
    ...(priced !== undefined && { totalCents: priced.totalCents }),
    ...(refundedCents !== undefined && { refundedCents }),
    currency: 'EUR',
    placedAt: row.created_at,
    updatedAt: row.updated_at,
    traceparent: row.traceparent,
  };
}

function waitingOf(row: SagaRow): Waiting | undefined {
  const saga = sagaOf(row);
  if (row.pending.length === 0 || saga === undefined) return undefined;
  return {
    steps: row.pending.map(({ step }) => ({ step, service: findStep(saga, step).to })),
    attempt: row.attempt,
    since: row.entered_at,
    nextAttemptAt: row.next_at ?? row.updated_at,
    ...(row.trouble !== null && { trouble: row.trouble }),
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
