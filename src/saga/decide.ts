/** The saga engine: from a state and an event to the next state, commands and facts. Pure: no clock, no I/O. */
import { BugError } from '../kernel/errors.ts';
import type { Exchange, SagaDefinition, Stage, Step } from './definition.ts';

/** `do` carries a step out, `undo` compensates it, `tell` is the last step: notify until receipt. */
export type Direction = 'do' | 'undo' | 'tell';

/** A command without an answer yet: the outbox of the saga. */
export interface Pending {
  readonly step: string;
  readonly direction: Direction;
  /** From 1; raised when it is sent again. */
  readonly attempt: number;
}

/** `forward` towards the pivot and beyond, `undoing` back, `telling` when only the notification is missing. */
export type Phase = 'forward' | 'undoing' | 'telling' | 'closed';

export interface SagaState<Data> {
  readonly phase: Phase;
  readonly status: string;
  /** Id of the stage that was reached last. */
  readonly stage: string;
  readonly pending: readonly Pending[];
  /** Steps whose command may have been sent, in that order: what an undo must cover. */
  readonly reached: readonly string[];
  readonly reason?: string | undefined;
  readonly data: Data;
}

export type SagaEvent =
  | {
      readonly kind: 'replied';
      readonly step: string;
      readonly direction: Direction;
      /** Contract name of the reply. */
      readonly type: string;
      readonly body: unknown;
    }
  /** The participant did nothing and asks for a pause. */
  | {
      readonly kind: 'postponed';
      readonly step: string;
      readonly direction: Direction;
      readonly afterMs: number;
    }
  /** It is time to send what is pending again. */
  | { readonly kind: 'timer' };

export interface SagaCommand {
  readonly step: string;
  readonly direction: Direction;
  readonly to: string;
  readonly exchange: Pick<Exchange<unknown>, 'command' | 'reply'>;
  readonly body: unknown;
  readonly attempt: number;
}

/** Something that happened to the saga, for its log. */
export interface SagaFact {
  readonly event: string;
  readonly reason?: string | undefined;
}

export interface Decision<Data> {
  readonly state: SagaState<Data>;
  readonly commands: readonly SagaCommand[];
  readonly facts: readonly SagaFact[];
  /** Send what is pending again after this pause; absent: no timer is needed. */
  readonly timer?: { readonly afterMs: number };
}

/** Before the pivot a step that asks for a pause this often is given up and undone. */
export const MAX_ATTEMPTS_BEFORE_PIVOT = 5;

/** The first decision about a new saga. */
export function start<Data>(saga: SagaDefinition<Data>, data: Data): Decision<Data> {
  const [first] = saga.stages;
  if (first === undefined) throw new BugError(`the saga ${saga.name} has no stages`);
  const empty = { phase: 'forward', pending: [], reached: [], data } as const;
  const entered = enter(first, { ...empty, status: first.status, stage: first.id });
  return { ...decision(saga, entered), facts: [{ event: 'accepted' }] };
}

/**
 * What follows from an event. An event that is not awaited (a duplicate, a late reply) changes nothing and
 * answers the pending commands once more: whoever redelivered it may not know whether they were sent.
 */
export function decide<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  event: SagaEvent,
): Decision<Data> {
  if (event.kind === 'timer') return decision(saga, state);
  const isAwaited = state.pending.some(
    (each) => each.step === event.step && each.direction === event.direction,
  );
  if (!isAwaited) return decision(saga, state);
  if (event.kind === 'postponed') return postpone(saga, state, event);
  const step = findStep(saga, event.step);
  if (event.direction === 'tell') return told(saga, state, step, event);
  return event.direction === 'do'
    ? done(saga, state, step, event)
    : undone(saga, state, step, event);
}

type Replied = Extract<SagaEvent, { kind: 'replied' }>;

function done<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  step: Step<Data>,
  event: Replied,
): Decision<Data> {
  if (event.type === step.refused?.reply.name) {
    const reason = step.refused.reasonOf(event.body);
    const reached = state.reached.filter((each) => each !== step.id);
    const refused = { ...state, reached, reason };
    return undoNext(saga, refused, [{ event: step.refused.event, reason }]);
  }
  const exchange = expected(step.forward, event);
  const pending = without(state.pending, event);
  const data = exchange.learn(state.data, event.body);
  return advance(saga, { ...state, pending, data }, [{ event: exchange.event }]);
}

function undone<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  step: Step<Data>,
  event: Replied,
): Decision<Data> {
  const { event: fact } = expected(undoOf(step), event);
  const reached = state.reached.filter((each) => each !== step.id);
  return undoNext(saga, { ...state, reached }, [{ event: fact }]);
}

function told<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  step: Step<Data>,
  event: Replied,
): Decision<Data> {
  const exchange = expected(step.forward, event);
  const closed: SagaState<Data> = { ...state, phase: 'closed', pending: [] };
  return decision(saga, closed, [{ event: exchange.event }]);
}

/** The next stage when this one is complete, the ending after the last. */
function advance<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  facts: readonly SagaFact[],
): Decision<Data> {
  if (state.pending.length > 0) return { state, commands: [], facts };
  const next = saga.stages[stageIndex(saga, state) + 1];
  if (next !== undefined) return decision(saga, enter(next, state), facts);
  return end(saga, state, facts);
}

/** Compensations run in reverse order, one at a time; then the saga ends as failed. */
function undoNext<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  facts: readonly SagaFact[],
): Decision<Data> {
  const due = state.reached.findLast((id) => findStep(saga, id).undo !== undefined);
  if (due === undefined) return end(saga, { ...state, phase: 'undoing' }, facts);
  const stage = saga.stages.find((each) => each.steps.some((step) => step.id === due));
  const undoing: SagaState<Data> = {
    ...state,
    phase: 'undoing',
    status: stage?.undoStatus ?? state.status,
    pending: [{ step: due, direction: 'undo', attempt: 1 }],
  };
  return decision(saga, undoing, facts);
}

function end<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  facts: readonly SagaFact[],
): Decision<Data> {
  const ending = state.phase === 'undoing' ? saga.failure : saga.success;
  const ended: SagaState<Data> = {
    ...state,
    phase: 'telling',
    status: ending.status,
    pending: [{ step: ending.notify.id, direction: 'tell', attempt: 1 }],
  };
  return decision(saga, ended, [...facts, { event: ending.event, reason: state.reason }]);
}

/** The same command again after a pause; given up and undone when the pivot is not behind us. */
function postpone<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  event: Extract<SagaEvent, { kind: 'postponed' }>,
): Decision<Data> {
  const pending = state.pending.map((each) =>
    each.step === event.step && each.direction === event.direction
      ? { ...each, attempt: each.attempt + 1 }
      : each,
  );
  const attempt = Math.max(...pending.map((each) => each.attempt));
  const mayGiveUp = state.phase === 'forward' && !isBeyondPivot(saga, state);
  if (mayGiveUp && attempt > MAX_ATTEMPTS_BEFORE_PIVOT) {
    return undoNext(saga, { ...state, reason: `${event.step}-failed` }, [{ event: 'retried' }]);
  }
  return {
    state: { ...state, pending },
    commands: [],
    facts: [{ event: 'retried' }],
    timer: { afterMs: event.afterMs },
  };
}

function enter<Data>(stage: Stage<Data>, state: SagaState<Data>): SagaState<Data> {
  return {
    ...state,
    status: stage.status,
    stage: stage.id,
    reached: [...state.reached, ...stage.steps.map((each) => each.id)],
    pending: stage.steps.map((each) => ({ step: each.id, direction: 'do', attempt: 1 })),
  };
}

/** A state with the commands that are pending in it. */
function decision<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  facts: readonly SagaFact[] = [],
): Decision<Data> {
  return { state, facts, commands: state.pending.map((each) => commandOf(saga, state, each)) };
}

function commandOf<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  { step: id, direction, attempt }: Pending,
): SagaCommand {
  const step = findStep(saga, id);
  const { command, reply, body } = direction === 'undo' ? undoOf(step) : step.forward;
  const exchange = { command, reply };
  return {
    step: id,
    direction,
    to: step.to,
    exchange,
    body: body(state.data, state.reason),
    attempt,
  };
}

function findStep<Data>(saga: SagaDefinition<Data>, id: string): Step<Data> {
  const steps = saga.stages.flatMap((stage) => stage.steps);
  const found = [...steps, saga.success.notify, saga.failure.notify].find((each) => each.id === id);
  if (found === undefined) throw new BugError(`the saga ${saga.name} has no step ${id}`);
  return found;
}

function undoOf<Data>(step: Step<Data>): Exchange<Data> {
  if (step.undo === undefined) throw new BugError(`the step ${step.id} cannot be undone`);
  return step.undo;
}

function expected<Data>(exchange: Exchange<Data>, event: Replied): Exchange<Data> {
  if (exchange.reply.name === event.type) return exchange;
  throw new BugError(`${event.type} does not answer the step ${event.step}`);
}

function without(pending: readonly Pending[], event: Replied): readonly Pending[] {
  return pending.filter((each) => each.step !== event.step || each.direction !== event.direction);
}

function stageIndex<Data>(saga: SagaDefinition<Data>, state: SagaState<Data>): number {
  return saga.stages.findIndex((each) => each.id === state.stage);
}

function isBeyondPivot<Data>(saga: SagaDefinition<Data>, state: SagaState<Data>): boolean {
  const pivot = saga.stages.findIndex((each) => each.isPivot);
  return pivot !== -1 && stageIndex(saga, state) > pivot;
}
