// Goal: a saga's own policy changes when it asks and gives up, and nothing else. Method: the sample saga, by hand.
import { describe, expect, test } from 'vitest';

import { BUDGET_MS, replied, saga, timer } from '../../test/support/sample-saga.ts';
import { LONGEST_PAUSE_MS } from './backoff.ts';
import { decide, start } from './decide.ts';
import { defineSaga, type SagaDefinition, type SagaPolicy } from './definition.ts';
import { endOf, pauseOf } from './policy.ts';
import type { SagaEvent } from './state.ts';

const under = (policy: SagaPolicy | undefined): SagaDefinition<string[]> =>
  defineSaga({ ...saga, policyOf: () => policy });

const pauses = (definition: SagaDefinition<string[]>, steps: readonly string[]): number[] =>
  [1, 2, 3, 4, 5, 6, 7].map((attempt) => pauseOf(definition, [], { steps, attempt }));

describe('a saga without a policy', () => {
  test('asks again after 1, 2, 4 … 30 s', () => {
    const seconds = [1, 2, 4, 8, 16, 30, 30].map((each) => each * 1_000);
    expect(pauses(saga, ['pay'])).toEqual(seconds);
    expect(pauses(under(undefined), ['pay'])).toEqual(seconds);
    expect(pauses(under({}), ['pay'])).toEqual(seconds);
  });

  test('has the same hash as one with a policy, which is no structure', () => {
    expect(under({ budgetMs: 1 }).hash).toBe(saga.hash);
  });

  test('sets its clock for the pause alone', () => {
    expect(start(saga, []).timer).toEqual({ afterMs: 1_000 });
    expect(decide(under({}), start(saga, []).state, replied('hold')).timer).toEqual({
      afterMs: 1_000,
    });
  });
});

describe('patience', () => {
  const hasty = under({ patienceMs: { bank: 300 } });

  test('belongs to the part that is asked; the others are waited for as ever', () => {
    expect(start(hasty, []).timer).toEqual({ afterMs: 1_000 });
    expect(decide(hasty, start(hasty, []).state, replied('hold')).timer).toEqual({ afterMs: 300 });
    expect(pauses(hasty, ['pay'])).toEqual([300, 600, 1_200, 2_400, 4_800, 9_600, 19_200]);
  });

  test('is that of the least patient of steps that are asked together', () => {
    expect(pauses(under({ patienceMs: { book: 50 } }), ['take', 'note'])[0]).toBe(50);
  });

  test('may be longer than any pause that nobody asked for', () => {
    const slow = under({ patienceMs: { bank: 2 * LONGEST_PAUSE_MS } });
    expect(new Set(pauses(slow, ['pay']))).toEqual(new Set([2 * LONGEST_PAUSE_MS]));
  });

  test('ends with the longest pause, also where a participant asks for more', () => {
    const often = under({ longestPauseMs: 250 });
    expect(new Set(pauses(often, ['pay']))).toEqual(new Set([250]));
    expect(start(often, []).timer).toEqual({ afterMs: 250 });
    const busy: SagaEvent = {
      kind: 'postponed',
      step: 'hold',
      direction: 'do',
      attempt: 1,
      afterMs: 60_000,
      why: 'busy',
    };
    expect(decide(saga, start(saga, []).state, busy).timer).toEqual({ afterMs: 60_000 });
    expect(decide(often, start(often, []).state, busy).timer).toEqual({ afterMs: 250 });
  });
});

describe('a budget of its own', () => {
  const budgetMs = 700;
  const brief = under({ budgetMs });
  const charging = decide(brief, start(brief, []).state, replied('hold'));

  test('is a time that the clock is set for, until the pivot is behind', () => {
    expect(start(brief, []).timer).toEqual({ afterMs: 1_000, byAgeMs: budgetMs });
    expect(charging.timer).toEqual({ afterMs: 1_000, byAgeMs: budgetMs });
    expect(decide(brief, charging.state, replied('pay')).timer).toEqual({ afterMs: 1_000 });
    expect(decide(brief, charging.state, replied('pay', 'pay-refused')).timer).toEqual({
      afterMs: 1_000,
    });
  });

  test('ends the saga when it is over, however often was asked; not a moment before', () => {
    const at = timer({ ageMs: budgetMs, attempt: 9 });
    expect(decide(brief, charging.state, at).facts).toEqual([]);
    const given = decide(brief, charging.state, timer({ ageMs: budgetMs + 1, attempt: 1 }));
    expect(given.facts).toEqual([{ event: 'timed-out', reason: 'pay-timeout' }]);
    expect(given.state.pending).toEqual([{ step: 'pay', direction: 'undo' }]);
  });

  test('may be longer than that of the definition', () => {
    const patient = under({ budgetMs: 10 * BUDGET_MS });
    const late = timer({ ageMs: BUDGET_MS + 1, attempt: 9 });
    expect(decide(patient, charging.state, late).facts).toEqual([]);
  });

  test('cuts a wait short, but not that of a saga that is too old already: it was asked just now', () => {
    expect(endOf({ afterMs: 1_000 }, 5_000, 4_000)).toBe(6_000);
    expect(endOf({ afterMs: 1_000, byAgeMs: 1_500 }, 5_000, 4_000)).toBe(5_501);
    expect(endOf({ afterMs: 1_000, byAgeMs: 9_000 }, 5_000, 4_000)).toBe(6_000);
    expect(endOf({ afterMs: 1_000, byAgeMs: 500 }, 5_000, 4_000)).toBe(6_000);
  });
});
