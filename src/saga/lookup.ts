/** Where a saga stands in its definition. */
import { BugError } from '../kernel/errors.ts';
import type { Compensation, Milestone, SagaDefinition, Step } from './definition.ts';
import type { SagaState } from './state.ts';

export function milestones<Data>(
  saga: SagaDefinition<Data>,
  { outcome }: SagaState<Data>,
): readonly Milestone<Data>[] {
  if (outcome === undefined) throw new BugError(`a saga ${saga.name} ends without an outcome`);
  return saga.endings[outcome];
}

export function findStep<Data>(saga: SagaDefinition<Data>, id: string): Step<Data> {
  const { success, failure, cancelled: cancelledEnding } = saga.endings;
  const told = [...success, ...failure, ...cancelledEnding].map((each) => each.notify);
  const steps = saga.stages.flatMap((stage) => stage.steps);
  const found = [...steps, ...told].find((each) => each.id === id);
  if (found === undefined) throw new BugError(`the saga ${saga.name} has no step ${id}`);
  return found;
}

/** Beyond the pivot a step is known to be done; before, it may be or not. */
export function undoOf<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  { id, undo, reverse }: Step<Data>,
): Compensation<Data> {
  const compensation = isBeyondPivot(saga, state) ? (reverse ?? undo) : undo;
  if (compensation === undefined) throw new BugError(`the step ${id} cannot be undone`);
  return compensation;
}

export function stageIndex<Data>(saga: SagaDefinition<Data>, state: SagaState<Data>): number {
  return saga.stages.findIndex((each) => each.id === state.stage);
}

/** On its way to the pivot: it can still be taken back as if nothing had happened. */
export function mayGiveUp<Data>(saga: SagaDefinition<Data>, state: SagaState<Data>): boolean {
  return state.phase === 'forward' && !isBeyondPivot(saga, state);
}

export function isBeyondPivot<Data>(saga: SagaDefinition<Data>, state: SagaState<Data>): boolean {
  const pivot = saga.stages.findIndex((each) => each.isPivot);
  return pivot !== -1 && stageIndex(saga, state) > pivot;
}
