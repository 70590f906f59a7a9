/** The saga engine: from a state and an event to the next state, commands and facts. Pure: no clock, no I/O. */
import { BugError } from '../kernel/errors.ts';
import {
  isCancellable,
  type Exchange,
  type SagaDefinition,
  type Stage,
  type Step,
} from './definition.ts';
import { findStep, isBeyondPivot, mayGiveUp, milestones, stageIndex, undoOf } from './lookup.ts';
import { pauseOf, policyOf, waitOf } from './policy.ts';
import type { Decision, Pending, SagaCommand, SagaEvent, SagaFact, SagaState } from './state.ts';

/** Before the pivot a step that asks for a pause this often is given up and undone. */
export const MAX_PAUSES_BEFORE_PIVOT = 5;
/** Pauses that the saga log tells of; one that is retried for days must not fill it. */
const MAX_PAUSES_LOGGED = 5;
/** A saga over its budget is given up only when it was asked this often: it may have slept while we were down. */
export const MIN_ATTEMPTS_BEFORE_GIVING_UP = 3;
/** Somebody should look at a command that has no answer after so many attempts (70 to 90 s). */
export const STUCK_AT_ATTEMPT = 7;

type Event<Kind extends SagaEvent['kind']> = Extract<SagaEvent, { kind: Kind }>;

/** The first decision about a new saga. */
export function start<Data>(saga: SagaDefinition<Data>, data: Data): Decision<Data> {
  const [first] = saga.stages;
  if (first === undefined) throw new BugError(`the saga ${saga.name} has no stages`);
  const empty = { phase: 'forward', pending: [], reached: [], data } as const;
  const entered = enter(first, { ...empty, status: first.status, stage: first.id });
  return entering(saga, entered, [{ event: 'accepted' }]);
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
  if (event.kind === 'timer') return timeUp(saga, state, event);
  if (event.kind === 'cancel') return cancelled(saga, state);
  const isAwaited = state.pending.some(
    (each) => each.step === event.step && each.direction === event.direction,
  );
  if (!isAwaited) return unchanged(saga, state);
  if (event.kind === 'postponed') return postponed(saga, state, event);
  const step = findStep(saga, event.step);
  if (event.direction === 'tell') return told(saga, state, { step, event });
  return event.direction === 'do'
    ? done(saga, state, { step, event })
    : undone(saga, state, { step, event });
}

/** A step and the reply to its command. */
interface Answered<Data> {
  readonly step: Step<Data>;
  readonly event: Event<'replied'>;
}

function done<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  { step, event }: Answered<Data>,
): Decision<Data> {
  if (event.type === step.refused?.reply.name) {
    const reason = step.refused.reasonOf(event.body);
    const reached = state.reached.filter((each) => each !== step.id);
    return undoNext(saga, goingBack({ ...state, reached }, reason), [
      { event: step.refused.event, reason },
    ]);
  }
  const exchange = expected(step.forward, event);
  const pending = without(state.pending, event);
  const data = exchange.learn(state.data, event.body);
  return advance(saga, { ...state, pending, data }, [{ event: exchange.event }]);
}

function undone<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  { step, event }: Answered<Data>,
): Decision<Data> {
  const compensation = expected(undoOf(saga, state, step), event);
  const reached = state.reached.filter((each) => each !== step.id);
  const data = compensation.learn(state.data, event.body);
  return undoNext(saga, { ...state, reached, data }, [{ event: compensation.event }]);
}

/** The receipt of a milestone: rest until the next one, or close. */
function told<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  { step, event }: Answered<Data>,
): Decision<Data> {
  const facts = [{ event: expected(step.forward, event).event }];
  const next = milestones(saga, state)[(state.milestone ?? 0) + 1];
  if (next === undefined) {
    const closed: SagaState<Data> = { ...state, phase: 'closed', pending: [] };
    return { state: closed, commands: [], facts, timer: 'off' };
  }
  const resting: SagaState<Data> = { ...state, phase: 'resting', pending: [] };
  const afterMs = next.afterMs?.(state.data) ?? 0;
  return { state: resting, commands: [], facts, timer: { afterMs } };
}

/** The next stage when this one is complete, the first milestone after the last. */
function advance<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  facts: readonly SagaFact[],
): Decision<Data> {
  if (state.pending.length > 0) return { state, commands: [], facts, timer: 'as-set' };
  if (state.isCancelRequested === true) {
    return undoNext(saga, { ...state, outcome: 'cancelled' }, facts);
  }
  const next = saga.stages[stageIndex(saga, state) + 1];
  if (next !== undefined) return entering(saga, enter(next, state), facts);
  return reach(saga, { ...state, outcome: 'success' }, { milestone: 0, facts });
}

/** Compensations run in reverse order, one at a time; then the saga ends. */
function undoNext<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  facts: readonly SagaFact[],
): Decision<Data> {
  const due = state.reached.findLast((id) => findStep(saga, id).undo !== undefined);
  if (due === undefined) return reach(saga, state, { milestone: 0, facts });
  const { status } = undoOf(saga, state, findStep(saga, due));
  const pending: Pending[] = [{ step: due, direction: 'undo' }];
  return entering(saga, { ...state, phase: 'undoing', status, pending }, facts);
}

/** A milestone is reached: its status holds, and somebody has to be told. */
function reach<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  { milestone, facts }: { milestone: number; facts: readonly SagaFact[] },
): Decision<Data> {
  const reached = milestones(saga, state)[milestone];
  if (reached === undefined) throw new BugError(`the saga ${saga.name} cannot end like this`);
  const { status, event, notify } = reached;
  const pending: Pending[] = [{ step: notify.id, direction: 'tell' }];
  const telling: SagaState<Data> = { ...state, phase: 'telling', status, milestone, pending };
  const { reason } = state;
  return entering(saga, telling, [...facts, reason === undefined ? { event } : { event, reason }]);
}

/** The same command again after a pause; given up and undone when the pivot is not behind us. */
function postponed<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  event: Event<'postponed'>,
): Decision<Data> {
  const isMeant = (each: Pending): boolean =>
    each.step === event.step && each.direction === event.direction;
  const before = state.pending.find(isMeant)?.paused ?? { times: 0, attempt: 0 };
  const times = before.times + 1;
  const nothing = { state, commands: [], facts: [], timer: 'as-set' } as const;
  if (event.attempt <= before.attempt) return nothing;
  const facts = [{ event: 'retried' }];
  if (mayGiveUp(saga, state) && times >= MAX_PAUSES_BEFORE_PIVOT) {
    return undoNext(saga, goingBack(state, `${event.step}-failed`), facts);
  }
  if (times > MAX_PAUSES_LOGGED) return nothing;
  const pending = state.pending.map((each) =>
    isMeant(each) ? { ...each, paused: { times, attempt: event.attempt } } : each,
  );
  const timer = waitOf(saga, state, pauseAskedFor(saga, state, { event, times }));
  return { state: { ...state, pending }, commands: [], facts, timer };
}

/** Beyond the pivot pauses grow, whatever the participant says. */
function pauseAskedFor<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  { event, times }: { event: Event<'postponed'>; times: number },
): number {
  const grownMs = pauseOf(saga, state.data, { steps: [event.step], attempt: times });
  const afterMs = mayGiveUp(saga, state) ? event.afterMs : Math.max(event.afterMs, grownMs);
  return Math.min(afterMs, policyOf(saga, state.data)?.longestPauseMs ?? Infinity);
}

/** Nobody answered in time: the same commands once more, unless it is time to go back. */
function timeUp<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  { attempt, ageMs }: Event<'timer'>,
): Decision<Data> {
  if (state.phase === 'resting') {
    return reach(saga, state, { milestone: (state.milestone ?? 0) + 1, facts: [] });
  }
  const [oldest] = state.pending;
  if (oldest === undefined) return unchanged(saga, state);
  const ownBudgetMs = policyOf(saga, state.data)?.budgetMs;
  const isOverBudget = ageMs > (ownBudgetMs ?? saga.budgetMs ?? Infinity);
  const isAskedEnough = ownBudgetMs !== undefined || attempt >= MIN_ATTEMPTS_BEFORE_GIVING_UP;
  if (mayGiveUp(saga, state) && isOverBudget && isAskedEnough) {
    const reason = `${oldest.step}-timeout`;
    return undoNext(saga, goingBack(state, reason), [{ event: 'timed-out', reason }]);
  }
  const again = unchanged(saga, state);
  if (attempt !== STUCK_AT_ATTEMPT) return again;
  return { ...again, facts: [{ event: 'stuck', reason: `${oldest.step}-unanswered` }] };
}

/**
 * Before the pivot everything is undone at once, what is on its way included. Beyond it the stage is
 * completed first, so that what is undone is known to be done. Too late (shipped, or going back already):
 * nothing changes.
 */
function cancelled<Data>(saga: SagaDefinition<Data>, state: SagaState<Data>): Decision<Data> {
  const isUndecided = state.outcome === undefined && state.isCancelRequested !== true;
  const last = saga.endings.success.length - 1;
  const isUnderWay = state.outcome === 'success' && (state.milestone ?? 0) < last;
  if (!isCancellable(saga) || !(isUndecided || isUnderWay)) return unchanged(saga, state);
  const reason = 'cancelled-by-customer';
  const facts = [{ event: 'cancel-requested', reason }];
  if (state.phase === 'forward' && isBeyondPivot(saga, state)) {
    const noted = { ...state, reason, isCancelRequested: true };
    return { state: noted, commands: [], facts, timer: 'as-set' };
  }
  return undoNext(saga, { ...state, outcome: 'cancelled', reason }, facts);
}

function goingBack<Data>(state: SagaState<Data>, reason: string): SagaState<Data> {
  return { ...state, outcome: 'failure', reason };
}

function enter<Data>(stage: Stage<Data>, state: SagaState<Data>): SagaState<Data> {
  return {
    ...state,
    status: stage.status,
    stage: stage.id,
    reached: [...state.reached, ...stage.steps.map((each) => each.id)],
    pending: stage.steps.map((each) => ({ step: each.id, direction: 'do' })),
  };
}

/** A state with new commands: they go out, and the clock is set for the least patient of them. */
function entering<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  facts: readonly SagaFact[],
): Decision<Data> {
  const steps = state.pending.map((each) => each.step);
  const timer = waitOf(saga, state, pauseOf(saga, state.data, { steps, attempt: 1 }));
  return { state, facts, commands: commandsOf(saga, state), timer };
}

/** The same state, with the commands that wait for an answer in it. */
function unchanged<Data>(saga: SagaDefinition<Data>, state: SagaState<Data>): Decision<Data> {
  return { state, facts: [], commands: commandsOf(saga, state), timer: 'as-set' };
}

/** What is pending in a state, as commands. */
function commandsOf<Data>(saga: SagaDefinition<Data>, state: SagaState<Data>): SagaCommand[] {
  return state.pending.map(({ step: id, direction }) => {
    const step = findStep(saga, id);
    const exchange = direction === 'undo' ? undoOf(saga, state, step) : step.forward;
    const { command, reply } = exchange;
    const body = exchange.body(state.data, state.reason);
    return { step: id, direction, to: step.to, exchange: { command, reply }, body };
  });
}

function expected<Data>(exchange: Exchange<Data>, event: Event<'replied'>): Exchange<Data> {
  if (exchange.reply.name === event.type) return exchange;
  throw new BugError(`${event.type} does not answer the step ${event.step}`);
}

function without(pending: readonly Pending[], event: Event<'replied'>): readonly Pending[] {
  return pending.filter((each) => each.step !== event.step || each.direction !== event.direction);
}
