// Goal: no order of events breaks a promise. Method: visit every world that can be reached, and check each step of the way.
import { describe, expect, test } from 'vitest';

import type { OrderData } from '../../src/mediator/order-data.ts';
import { orderSagaV1 } from '../../src/mediator/order-saga-v1.ts';
import { orderSaga } from '../../src/mediator/order-saga.ts';
import { decide } from '../../src/saga/decide.ts';
import type { SagaState } from '../../src/saga/state.ts';
import { explore } from './explore.ts';
import { MUTANTS, VERSION_1, VERSION_2 } from './models.ts';

/** Enough for everything: nothing new is found beyond the 31st event. */
const NO_LIMIT = 1_000;
const PATIENCE_MS = 60_000;

const statusesOf = (saga: typeof orderSaga): string[] => {
  const { success, failure, cancelled } = saga.endings;
  const steps = saga.stages.flatMap((each) => each.steps);
  const undone = steps.flatMap(({ undo, reverse }) => [undo?.status, reverse?.status]);
  const reached = [...saga.stages, ...success, ...failure, ...cancelled].map((each) => each.status);
  return [...new Set([...reached, ...undone].filter((each) => each !== undefined))].toSorted();
};

describe.each([
  ['version 1', VERSION_1, orderSagaV1],
  ['version 2', VERSION_2, orderSaga],
] as const)('the order saga, %s', (_version, model, saga) => {
  test(
    'keeps every promise in every reachable world, and from each of them it ends',
    () => {
      const states: SagaState<OrderData>[] = [];
      const facts = new Set<string>();
      const found = explore(model, {
        depth: NO_LIMIT,
        isLivenessChecked: true,
        watch: (before, event) => {
          states.push(before);
          for (const fact of decide(saga, before, event).facts) facts.add(fact.event);
        },
      });
      expect(found.violation).toBeUndefined();
      expect(found).toMatchObject({ isComplete: true });
      expect(found.depth).toBeGreaterThan(20);
      // It went everywhere: a check that visits nothing finds nothing.
      expect([...new Set(states.map((each) => each.status))].toSorted()).toEqual(statusesOf(saga));
      const ends = states.filter((each) => each.phase === 'closed').map((each) => each.outcome);
      const { cancelled } = saga.endings;
      const outcomes = [...(cancelled.length > 0 ? ['cancelled'] : []), 'failure', 'success'];
      expect([...new Set(ends.map(String))].toSorted()).toEqual(outcomes);
      for (const each of ['timed-out', 'stuck', 'retried', 'refused', 'declined', 'voided'])
        expect(facts).toContain(each);
    },
    PATIENCE_MS,
  );
});

describe.each(MUTANTS)('a mistake is caught: $mistake', ({ model, caughtBy }) => {
  test('by the rule that forbids it', { timeout: PATIENCE_MS }, () => {
    const { violation } = explore(model, { depth: NO_LIMIT });
    expect(caughtBy).toContain(violation?.rule);
    expect(violation?.trace[0]).toBe('start');
  });

  test(
    'by what becomes of money, copies, history and mails alone',
    { timeout: PATIENCE_MS },
    () => {
      const found = explore(model, {
        depth: NO_LIMIT,
        areDecisionsChecked: false,
        isLivenessChecked: true,
      });
      expect(found.violation).toBeDefined();
    },
  );
});
