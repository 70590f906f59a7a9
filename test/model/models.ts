/** The order saga of each version as it is, and with one mistake each: what the check must pass, and must catch. */
import { orderSaga } from '../../src/mediator/order-saga.ts';
import { orderSagaV1 } from '../../src/mediator/order-saga-v1.ts';
import type { OrderData } from '../../src/mediator/order-data.ts';
import { decide } from '../../src/saga/decide.ts';
import { defineSaga, type SagaDefinition, type Step } from '../../src/saga/definition.ts';
import type { Decision, Pending, SagaEvent, SagaState } from '../../src/saga/state.ts';
import { PRICE_CENTS, RESERVED, type Model } from './world.ts';

export const VERSION_2: Model = {
  saga: orderSaga,
  decide,
  rules: { keepsInbox: true, leavesTombstones: true },
  areTimersForTheirState: true,
};
export const VERSION_1: Model = { ...VERSION_2, saga: orderSagaV1 };

export interface Mutant {
  readonly mistake: string;
  readonly model: Model;
  /** The rules that may notice first. */
  readonly caughtBy: readonly string[];
}

type State = SagaState<OrderData>;
type Engine = Model['decide'];

const mutant = (mistake: string, change: Partial<Model>, ...caughtBy: string[]): Mutant => ({
  mistake,
  model: { ...VERSION_2, ...change },
  caughtBy,
});

/** The engine as it is, on a state that was tampered with first. */
const tampered = (before: (state: State, event: SagaEvent) => State): Engine => {
  return (saga, state, event) => {
    const changed = before(state, event);
    const decision = decide(saga, changed, event);
    return decision.state === changed ? { ...decision, state } : decision;
  };
};

/** The engine as it is, with an answer that was tampered with. */
const altered = (
  after: (decision: Decision<OrderData>, before: State) => Decision<OrderData>,
): Engine => {
  return (saga, state, event) => after(decide(saga, state, event), state);
};

const isPending = ({ pending }: State, { step, direction }: Omit<Pending, 'paused'>): boolean =>
  pending.some((each) => each.step === step && each.direction === direction);

/** A saga that turns back on such an event forgets what it has not heard of. */
const forgetful = (isSuch: (event: SagaEvent) => boolean): Engine => {
  return (saga, state, event) => {
    const decision = decide(saga, state, event);
    const isTurning = state.outcome === undefined && decision.state.outcome !== undefined;
    if (!isTurning || !isSuch(event)) return decision;
    const isUnknown = (id: string): boolean => isPending(state, { step: id, direction: 'do' });
    const reached = state.reached.filter((id) => !isUnknown(id));
    return decide(saga, { ...state, reached }, event);
  };
};

/** Its price was never asked for, so that a charge can come before the reservation. */
function withStages(...order: readonly (readonly string[])[]): SagaDefinition<OrderData> {
  const steps = orderSaga.stages.flatMap((each) => each.steps).map(withPrice);
  const stages = order.map((ids) => {
    const [first = ''] = ids;
    const own = orderSaga.stages.find((each) => each.steps.some(({ id }) => id === first));
    const { id = '', status = '' } = own ?? {};
    const chosen = steps.filter((each) => ids.includes(each.id));
    return { id, status, isPivot: ids.includes('charge'), steps: chosen };
  });
  return defineSaga<OrderData>({ ...orderSaga, stages });
}

function withPrice(step: Step<OrderData>): Step<OrderData> {
  const { forward } = step;
  const priced = { lines: RESERVED.lines, totalCents: PRICE_CENTS };
  const body: typeof forward.body = (data, reason) => forward.body({ ...data, priced }, reason);
  return { ...step, forward: { ...forward, body } };
}

const lateReplyAccepted = tampered((state, event) => {
  if (event.kind !== 'replied' || isPending(state, event) || state.phase === 'closed') return state;
  return { ...state, pending: [...state.pending, event] };
});

export const MUTANTS: readonly Mutant[] = [
  mutant(
    'it charges before it reserves',
    { saga: withStages(['charge'], ['reserve'], ['commit', 'record']) },
    'money-only-for-copies',
  ),
  mutant(
    'it commits and records before it charges',
    { saga: withStages(['reserve'], ['commit', 'record'], ['charge']) },
    'commit-only-after-capture',
  ),
  mutant(
    'a compensation is due only when its step is known to have succeeded',
    { decide: forgetful(({ kind }) => kind !== 'replied') },
    'told-only-what-is-so',
  ),
  mutant(
    'a step that is given up for its time is not undone',
    { decide: forgetful(({ kind }) => kind === 'timer') },
    'told-only-what-is-so',
  ),
  mutant(
    'a release or a void of nothing leaves no tombstone',
    { rules: { keepsInbox: true, leavesTombstones: false } },
    'told-only-what-is-so',
  ),
  mutant(
    'a participant decides anew on a command that it answered before',
    { rules: { keepsInbox: false, leavesTombstones: true } },
    'failure-keeps-nothing',
  ),
  mutant(
    'a reply is accepted for a step that is not pending',
    { decide: lateReplyAccepted },
    'stale-changes-nothing',
  ),
  mutant(
    'the first of two parallel answers completes the stage',
    {
      decide: tampered((state, event) =>
        event.kind === 'replied' && isPending(state, event)
          ? { ...state, pending: [event] }
          : state,
      ),
    },
    'told-only-what-is-so',
  ),
  mutant(
    'a rest has no timer',
    {
      decide: altered((decision) =>
        decision.state.phase === 'resting' ? { ...decision, timer: 'off' } : decision,
      ),
    },
    'stranded',
  ),
  mutant(
    'what became pending is not sent',
    {
      decide: altered((decision, before) =>
        decision.state === before ? decision : { ...decision, commands: [] },
      ),
    },
    'pending-is-commanded',
  ),
  mutant(
    'the books go back before the money',
    {
      decide: tampered((state, { kind }) =>
        kind === 'cancel' ? { ...state, reached: state.reached.toReversed() } : state,
      ),
    },
    'money-back-before-copies',
  ),
  mutant(
    'a timer that was taken for an earlier state ends the rest',
    { areTimersForTheirState: false },
    'ships-in-time',
  ),
];
