/** From saga rows and events to new rows, log entries and messages: pure, so that it can be replayed. */
import type { JournalEntry } from '../contracts/orders.ts';
import { BugError } from '../kernel/errors.ts';
import { outgoing, type OutgoingMessage } from '../messaging/bus.ts';
import { PARTICIPANTS, type Names } from '../messaging/topology.ts';
import { decide, start } from '../saga/decide.ts';
import { endOf } from '../saga/policy.ts';
import type { Decision, Pending, SagaCommand, SagaEvent, SagaTimer } from '../saga/state.ts';
import type { OrderData } from './order-data.ts';
import { orderSaga } from './order-saga.ts';
import {
  stateOf,
  timelineOf,
  type Cause,
  type LogEntry,
  type MovingColumns,
  type SagaRow,
} from './saga-row.ts';
import { sagaOf } from './sagas.ts';

/** What a mediator brings along to a decision. */
export interface TransitionContext {
  readonly names: Names;
  readonly now: number;
}

export interface Moved {
  readonly row: SagaRow;
  readonly log: readonly LogEntry[];
  readonly messages: readonly OutgoingMessage[];
  /** The clock was set anew: the saga wants to hear from it after this many milliseconds. */
  readonly timerMs: number | undefined;
}

type Identity = Pick<
  SagaRow,
  'customer_id' | 'idempotency_key' | 'body_hash' | 'origin' | 'traceparent' | 'run'
>;

/** A new saga in its first state. */
export function begin(data: OrderData, identity: Identity, context: TransitionContext): Moved {
  const { now } = context;
  const blank = {
    ...identity,
    id: data.orderId,
    definition: orderSaga.name,
    definition_version: orderSaga.version,
    definition_hash: orderSaga.hash,
    created_at: now,
    pending: [],
    attempt: 1,
    next_at: null,
    entered_at: now,
    trouble: null,
    log_seq: 0,
  };
  const cause: Cause = { kind: 'started', data };
  return moved(blank, start(orderSaga, data), { ...context, cause, messageId: null });
}

/**
 * The next state of a saga; `row` is the same object when nothing changed.
 * @throws BugError when the event makes no sense, or the saga's definition is not known here.
 */
export function move(
  row: SagaRow,
  event: SagaEvent,
  context: TransitionContext & { readonly messageId: string | null },
): Moved {
  const saga = sagaOf(row);
  if (saga === undefined) throw new BugError(`no definition here for ${definitionOf(row)}`);
  const decision = decide(saga, stateOf(row), event);
  if (decision.facts.length > 0) return moved(row, decision, { ...context, cause: event });
  const messages = messagesOf(row, decision.commands, context);
  return { row, log: [], messages, timerMs: undefined };
}

function definitionOf(row: SagaRow): string {
  return `${row.definition} version ${row.definition_version} (${row.definition_hash})`;
}

type Before = Omit<SagaRow, 'status' | 'progress' | 'data' | 'open' | 'updated_at'>;

function moved(
  row: Before,
  decision: Decision<OrderData>,
  context: TransitionContext & { readonly cause: Cause; readonly messageId: string | null },
): Moved {
  const { now, cause, messageId } = context;
  const { state, facts, commands, timer } = decision;
  const issued = commands.map((each) => each.exchange.command.name);
  const log = facts.map(({ event, reason }, index) => ({
    saga_id: row.id,
    seq: row.log_seq + index + 1,
    at: now,
    kind: event,
    message_id: messageId,
    payload: {
      status: state.status,
      reason,
      issued: index === facts.length - 1 ? issued : [],
      ...(index === 0 && { cause }),
    },
  }));
  const next = { ...row, ...columnsOf(row, decision, context), log_seq: row.log_seq + log.length };
  return {
    row: next,
    log,
    messages: messagesOf(next, commands, context),
    timerMs: typeof timer === 'object' ? endOf(timer, now, row.created_at) - now : undefined,
  };
}

function columnsOf(
  row: Before,
  { state, timer }: Decision<OrderData>,
  { now, cause }: { readonly now: number; readonly cause: Cause },
): Omit<MovingColumns, 'log_seq'> {
  const { status, pending, data, ...progress } = state;
  const isWaitingOn =
    pending.length > 0 && pending.every((each) => row.pending.some((old) => isSame(old, each)));
  const waited = { attempt: row.attempt, entered_at: row.entered_at, trouble: row.trouble };
  return {
    status,
    pending,
    progress,
    data,
    open: state.phase !== 'closed',
    next_at: nextAt(row, timer, now),
    ...(isWaitingOn ? waited : { attempt: 1, entered_at: now, trouble: null }),
    ...(cause.kind === 'postponed' && { trouble: cause.why }),
    updated_at: now,
  };
}

function isSame(a: Pending, b: Pending): boolean {
  return a.step === b.step && a.direction === b.direction;
}

function nextAt(
  { next_at, created_at }: Pick<SagaRow, 'next_at' | 'created_at'>,
  timer: SagaTimer,
  now: number,
): number | null {
  if (timer === 'as-set') return next_at;
  return timer === 'off' ? null : endOf(timer, now, created_at);
}

/** What is pending in a row, as messages: the same ids over all attempts. */
function messagesOf(
  row: Pick<SagaRow, 'id' | 'traceparent' | 'run' | 'attempt'>,
  commands: readonly SagaCommand[],
  { names }: Pick<TransitionContext, 'names'>,
): readonly OutgoingMessage[] {
  return commands.map(({ step, direction, to, exchange, body }) => {
    const isParticipant = PARTICIPANTS.some((each) => each === to);
    return outgoing(exchange.command, body, {
      exchange: isParticipant ? names.commands : names.notifications,
      routingKey: isParticipant ? to : exchange.command.name,
      id: `${row.id}:${step}:${direction}`,
      correlationId: row.id,
      replyTo: names.replies,
      traceparent: row.traceparent,
      attempt: row.attempt,
      ...(row.run !== null && { run: row.run }),
    });
  });
}

/** One transition for each saga of the batch: its last row, and all that was logged on the way. */
export function merged(
  results: readonly (Moved | undefined)[],
): readonly Pick<Moved, 'row' | 'log'>[] {
  const bySaga = new Map<string, { row: SagaRow; log: Moved['log'] }>();
  for (const each of results) {
    if (each === undefined || each.log.length === 0) continue;
    const earlier = bySaga.get(each.row.id)?.log ?? [];
    bySaga.set(each.row.id, { row: each.row, log: [...earlier, ...each.log] });
  }
  return [...bySaga.values()];
}

/** The log entries of a transition as watchers get them. */
export function journalOf({ row, log }: Pick<Moved, 'row' | 'log'>): readonly JournalEntry[] {
  return log.map((entry, index) => ({
    ...timelineOf(entry),
    orderId: row.id,
    customerId: row.customer_id,
    // Only the last entry of an order that waits for nothing says so: readers stop there.
    open: row.pending.length > 0 || index < log.length - 1,
  }));
}
