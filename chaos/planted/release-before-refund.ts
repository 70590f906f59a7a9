/** Compensations run in the order of the steps that they undo, not backwards. In the place of saga/decide.ts. */
import { decide as right } from '../../src/saga/decide.ts';
import type { SagaDefinition } from '../../src/saga/definition.ts';
import type { Decision, SagaEvent, SagaState } from '../../src/saga/state.ts';

export * from '../../src/saga/decide.ts';

export function decide<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  event: SagaEvent,
): Decision<Data> {
  const decision = right(saga, state, event);
  // What is pending already was chosen before.
  if (decision.state.phase !== 'undoing' || decision.facts.length === 0) return decision;
  const other = right(saga, turned(state), event);
  return { ...other, state: turned(other.state) };
}

/** The first step is undone where the last one was due. */
function turned<Data>(state: SagaState<Data>): SagaState<Data> {
  return { ...state, reached: state.reached.toReversed() };
}
