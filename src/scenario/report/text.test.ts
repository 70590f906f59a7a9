import { expect, test } from 'vitest';

import { BAD, PLAN, SEEN } from '../../../test/support/seen-run.ts';
import { judge } from '../judge/verdict.ts';
import type { FaultOutcome } from '../judge/verdict.ts';
import type { ScenarioRun } from '../run-scenarios.ts';
import type { Paint } from './paint.ts';
import { explainRun, runLine } from './text.ts';

const plain: Paint = (_tone, text) => text;
const again = 'wonderland scenario run x';
const plan = { ...PLAN, claims: [{ kind: 'order', order: 'bad', status: 'confirmed' } as const] };

function run(verdict: ScenarioRun['play']['verdict'], faults: FaultOutcome[] = []): ScenarioRun {
  const checks = verdict === 'passed' ? judge(PLAN, SEEN) : judge(plan, SEEN);
  return {
    plan,
    play: { verdict, checks, faults, seen: SEEN, durationMs: 1_234 },
    run: 'x-1',
    lines: [],
    site: 'running',
  };
}

const missed: FaultOutcome = {
  fault: {
    id: 'f1',
    at: 'payment.refund@handle',
    place: {
      kind: 'point',
      target: { service: 'payment', message: 'payment.refund', point: 'handle' },
    },
    does: { kind: 'message', action: { verb: 'decline', reason: 'no' } },
    order: undefined,
    attempt: undefined,
    nth: 1,
    times: 1,
    rate: undefined,
  },
  fired: 0,
  passed: { 'payment.charge': 2 },
};

test('a failure shows the check, what was expected and found, when, the trail, and how to see it again', () => {
  expect(explainRun(run('failed'), { again, canTrace: true, paint: plain }))
    .toBe(`✖ failed  x  x.yaml

✖ order.bad
  expected  confirmed
  found     rejected
  when      0.0 ms after the start

What happened to bad (${BAD}):
   0 ms  accepted  rejected
  10 ms  reserved  rejected
  20 ms  declined  rejected
  30 ms  released  rejected
  40 ms  rejected  rejected
  50 ms  notified  rejected

Its messages:  wonderland trace ${BAD}
Run it again:  wonderland scenario run x`);
});

test('a fault that never fired is told with the message that came closest', () => {
  const text = explainRun(run('inconclusive', [missed]), { again, canTrace: false, paint: plain });
  expect(text).toContain(
    'fault payment.refund@handle: decline (no): never fired, because payment handled payment.charge (2×) instead; the closest is payment.charge@handle',
  );
});

test('a fault that waited for a later message says how many came', () => {
  const late = {
    ...missed,
    fault: { ...missed.fault, nth: 3 },
    passed: { 'payment.refund': 2 },
  };
  const text = explainRun(run('inconclusive', [late]), { again, canTrace: false, paint: plain });
  expect(text).toContain('only 2 of these messages came, and it waits for number 3');
});

test('each run is one line', () => {
  expect(runLine(run('passed'))).toBe('x  0 checks, 12 invariants  (1.23 s)');
  expect(runLine(run('failed'))).toBe('x  FAILED: 1 of 13 checks broken  (1.23 s)');
});
