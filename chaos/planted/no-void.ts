/** A charge that nobody answered in time is believed never to have happened. In the place of saga/decide.ts. */
import { decide as right } from '../../src/saga/decide.ts';
import type { SagaDefinition } from '../../src/saga/definition.ts';
import type { Decision, SagaEvent, SagaState } from '../../src/saga/state.ts';

export * from '../../src/saga/decide.ts';

export function decide<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  event: SagaEvent,
): Decision<Data> {
  const isCharging = saga.stages.some(({ id, isPivot }) => isPivot && id === state.stage);
  const decision = right(saga, state, event);
  const isGivenUp = state.phase === 'forward' && decision.state.phase === 'undoing';
  if (event.kind !== 'timer' || !isCharging || !isGivenUp) return decision;
  const unanswered = new Set(state.pending.map(({ step }) => step));
  const reached = state.reached.filter((step) => !unanswered.has(step));
  return right(saga, { ...state, reached }, event);
}
