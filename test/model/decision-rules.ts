/** What must hold of every single decision, whatever the participants did. */
import { OrderEvent, OrderStatus } from '../../src/contracts/orders.ts';
import type { OrderData } from '../../src/mediator/order-data.ts';
import type { SagaDefinition } from '../../src/saga/definition.ts';
import { findStep } from '../../src/saga/lookup.ts';
import type { Decision, SagaEvent, SagaState } from '../../src/saga/state.ts';
import { claim } from './violation.ts';
import { idOf } from './world.ts';

type Saga = SagaDefinition<OrderData>;
type State = SagaState<OrderData>;

/** @throws Violation */
export function checkDecision(
  saga: Saga,
  before: State,
  { event, decision }: { event: SagaEvent; decision: Decision<OrderData> },
): void {
  const { state, commands, facts, timer } = decision;
  checkState(saga, state);
  checkCommands(before, decision);
  for (const fact of facts) OrderEvent.parse(fact.event);
  if (facts.length === 0) claim(state === before, 'unlogged', 'a state changed without a fact');
  if (before.phase === 'closed') {
    const isQuiet = state === before && commands.length === 0 && facts.length === 0;
    claim(isQuiet, 'closed-is-final', event.kind);
  }
  if (before.outcome === 'failure' || before.outcome === 'cancelled') {
    claim(state.outcome === before.outcome, 'one-ending', `${before.outcome}→${state.outcome}`);
  }
  const isStale =
    (event.kind === 'replied' || event.kind === 'postponed') &&
    !before.pending.some((each) => idOf(each) === idOf(event));
  if (isStale) claim(state === before && facts.length === 0, 'stale-changes-nothing', event.kind);
  if (timer === 'off') claim(state.phase === 'closed', 'stranded', 'an open saga stops its clock');
  if (typeof timer === 'object') claim(timer.afterMs >= 0, 'timer', `${timer.afterMs} ms`);
  if (saga.version === 1) checkFirstVersion(decision);
}

/** Exactly one legal combination of phase, status, outcome and pending commands. */
export function checkState(saga: Saga, state: State): void {
  const shape = (): string => JSON.stringify({ ...state, data: undefined });
  const legal = (holds: boolean): void => claim(holds, 'legal-state', shape);
  OrderStatus.parse(state.status);
  const { phase, pending, outcome, milestone = 0, status } = state;
  const directions = new Set(pending.map((each) => each.direction));
  claim(new Set(pending.map(idOf)).size === pending.length, 'legal-state', shape);
  if (phase === 'forward') {
    const stage = saga.stages.find((each) => each.id === state.stage);
    legal(outcome === undefined && stage?.status === status && pending.length > 0);
    legal([...directions].join() === 'do');
    legal(pending.every((each) => stage?.steps.some(({ id }) => id === each.step)));
    legal(pending.every((each) => state.reached.includes(each.step)));
    return;
  }
  legal(outcome !== undefined);
  const endings = outcome === undefined ? [] : saga.endings[outcome];
  if (phase === 'undoing') {
    const [first] = pending;
    legal(outcome !== 'success' && pending.length === 1 && [...directions].join() === 'undo');
    const { undo, reverse } = findStep(saga, first?.step ?? '');
    legal(undo?.status === status || reverse?.status === status);
    legal(state.reached.includes(first?.step ?? ''));
    return;
  }
  legal(endings[milestone]?.status === status);
  const ids = pending.map(idOf).join();
  if (phase === 'telling') legal(ids === `${endings[milestone]?.notify.id}:tell`);
  else legal(ids === '');
  if (phase === 'resting') legal(milestone < endings.length - 1);
  if (phase === 'closed') legal(milestone === endings.length - 1);
  if (outcome !== 'success') claim(state.reason !== undefined, 'reason', shape);
}

/** Commands are for what is pending, and what became pending is commanded at once. */
function checkCommands(before: State, { state, commands }: Decision<OrderData>): void {
  const pending = state.pending.map(idOf);
  const sent = commands.map(idOf);
  claim(
    sent.every((id) => pending.includes(id)),
    'commands-only-for-pending',
    () => `${sent.join()} while ${pending.join()} is pending`,
  );
  const known = new Set(before.pending.map(idOf));
  const silent = pending.filter((id) => !known.has(id) && !sent.includes(id));
  claim(silent.length === 0, 'pending-is-commanded', () => silent.join());
}

/** It was published without shipping and cancelling, and open sagas end as they began. */
function checkFirstVersion({ state, commands }: Decision<OrderData>): void {
  claim(state.outcome !== 'cancelled' && state.phase !== 'resting', 'v1-as-published', 'cancelled');
  const news = ['tell-shipped', 'tell-cancelled'];
  claim(!commands.some(({ step }) => news.includes(step)), 'v1-as-published', 'shipped');
}
