/** From saga rows and events to new rows, log entries and messages: pure, so that it can be replayed. */
import type { JournalEntry } from '../contracts/orders.ts';
import { outgoing, type OutgoingMessage } from '../messaging/bus.ts';
import { PARTICIPANTS, type Names } from '../messaging/topology.ts';
import { decide, start, type Decision, type SagaCommand, type SagaEvent } from '../saga/decide.ts';
import { orderSaga, type OrderData } from './order-saga.ts';
import { columnsOf, stateOf, timelineOf, type LogEntry, type SagaRow } from './saga-row.ts';

/** What a mediator brings along to a decision. */
export interface TransitionContext {
  readonly names: Names;
  readonly now: number;
}

export interface Moved {
  readonly row: SagaRow;
  readonly log: readonly LogEntry[];
  readonly messages: readonly OutgoingMessage[];
  /** Send what is pending again after this many milliseconds. */
  readonly timerMs: number | undefined;
}

type Identity = Pick<
  SagaRow,
  'customer_id' | 'idempotency_key' | 'body_hash' | 'origin' | 'traceparent' | 'run'
>;

/** A new saga in its first state. */
export function begin(data: OrderData, identity: Identity, context: TransitionContext): Moved {
  const decision = start(orderSaga, data);
  const blank = {
    ...identity,
    id: data.orderId,
    definition: orderSaga.name,
    definition_version: orderSaga.version,
    definition_hash: orderSaga.hash,
    created_at: context.now,
    log_seq: 0,
  };
  return moved(blank, decision, { ...context, messageId: null });
}

/** The next state of a saga; `row` is the same object when nothing changed. */
export function move(
  row: SagaRow,
  event: SagaEvent,
  context: TransitionContext & { readonly messageId: string | null },
): Moved {
  const decision = decide(orderSaga, stateOf(row), event);
  if (decision.facts.length > 0) return moved(row, decision, context);
  return {
    row,
    log: [],
    messages: messagesOf(row, decision.commands, context),
    timerMs: undefined,
  };
}

function moved(
  row: Omit<SagaRow, keyof ReturnType<typeof columnsOf>> & { readonly log_seq: number },
  decision: Decision<OrderData>,
  context: TransitionContext & { readonly messageId: string | null },
): Moved {
  const { now } = context;
  const { state, facts, commands, timer } = decision;
  const nextAt = timer === undefined ? null : now + timer.afterMs;
  const logSeq = row.log_seq + facts.length;
  const next: SagaRow = { ...row, ...columnsOf(state, { nextAt, logSeq, now }) };
  const log = facts.map((fact, index) => ({
    saga_id: row.id,
    seq: row.log_seq + index + 1,
    at: now,
    kind: fact.event,
    message_id: context.messageId,
    payload: {
      status: state.status,
      reason: fact.reason,
      issued: index === facts.length - 1 ? commands.map((each) => each.exchange.command.name) : [],
    },
  }));
  return { row: next, log, messages: messagesOf(next, commands, context), timerMs: timer?.afterMs };
}

/** What is pending in a row, as messages: the same ids over all attempts. */
export function messagesOf(
  row: Pick<SagaRow, 'id' | 'traceparent' | 'run'>,
  commands: readonly SagaCommand[],
  { names }: Pick<TransitionContext, 'names'>,
): readonly OutgoingMessage[] {
  return commands.map(({ step, direction, to, exchange, body, attempt }) => {
    const isParticipant = PARTICIPANTS.some((each) => each === to);
    return outgoing(exchange.command, body, {
      exchange: isParticipant ? names.commands : names.notifications,
      routingKey: isParticipant ? to : exchange.command.name,
      id: `${row.id}:${step}:${direction}`,
      correlationId: row.id,
      replyTo: names.replies,
      traceparent: row.traceparent,
      attempt,
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
    // Only the last entry of a closed saga says so: readers stop there.
    open: row.open || index < log.length - 1,
  }));
}
