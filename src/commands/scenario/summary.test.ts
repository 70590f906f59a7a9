import { expect, test } from 'vitest';

import { PLAN, SEEN } from '../../../test/support/seen-run.ts';
import { BugError, UserError, type WonderlandError } from '../../kernel/errors.ts';
import type { Verdict } from '../../scenario/judge/verdict.ts';
import type { RunResult } from '../../scenario/run-scenarios.ts';
import { plain } from '../palette.ts';
import { failureOf, summarize } from './summary.ts';

function played(verdict: Verdict, title: string = verdict): RunResult {
  const play = { verdict, checks: [], faults: [], seen: SEEN, durationMs: 1 };
  return { plan: { ...PLAN, title, file: title }, play, run: 'x-1', lines: [], site: 'running' };
}

function unplayed(error: WonderlandError): RunResult {
  return { plan: { ...PLAN, title: 'unplayed', file: 'unplayed' }, error };
}

const notSteady = unplayed(
  new UserError('not-steady', 'the stack is not steady', { hint: 'Wait.' }),
);
const exitOf = (...results: RunResult[]): number => failureOf(results, {})?.exit ?? 0;

test('a failure weighs more than what kept a run from being judged, and that more than nothing proven', () => {
  expect(exitOf(played('passed'))).toBe(0);
  expect(exitOf(played('inconclusive'), notSteady, played('failed'))).toBe(10);
  expect(exitOf(played('passed'), played('inconclusive'), notSteady)).toBe(4);
  expect(exitOf(played('passed'), played('inconclusive'))).toBe(12);
});

test('what kept the only run from being judged keeps its code and its advice', () => {
  const failure = failureOf([notSteady], { stack: 'running' });
  expect(failure).toMatchObject({
    code: 'not-steady',
    message: 'the stack is not steady',
    hint: 'Wait.',
  });
  expect(failure?.details).toEqual({ stack: 'running' });
});

test('a defect of ours is told as one', () => {
  const bug = new BugError('this cannot be');
  expect(failureOf([unplayed(bug)], {})).toBe(bug);
});

test('a newcomer reads what passed, and what each other end means', () => {
  const say = (...results: RunResult[]): string =>
    summarize(results, { durationMs: 2_000, paint: plain });
  expect(say(played('passed'))).toBe('✔ Passed: 1 scenario in 2.00 s. 0 checks held.');
  expect(say(played('passed'), played('failed'), played('inconclusive'), notSteady)).toBe(
    `4 scenarios in 2.00 s:
  ✔ 1 passed: everything held that must hold
  ✖ 1 failed: something that must hold did not
  ! 1 inconclusive: a fault never fired or nothing could be judged, so nothing is proven
  ✖ 1 not played: something else kept it from being judged`,
  );
  expect(say(played('passed', 'a'), played('passed', 'a'))).toContain('2 runs of 1 scenario');
});
