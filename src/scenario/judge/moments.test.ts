import { expect, test } from 'vitest';

import { PLAN, planFor, SEEN } from '../../../test/support/seen-run.ts';
import { isMet, judgeMoment } from './moments.ts';

const STEADY = planFor(`scenario: x
about: One order.
given: { books: { 42: { stock: 10, price: 39.00 } } }
steady: { services: up, queues: empty }
steps:
  - order: { id: good, book: 42, quantity: 2 }
  - until: { order: { good: confirmed }, mails: { total: 2 } }
    within: 4s
  - expect: { stock: { 42: 8 } }
expect: { order: { good: confirmed } }
`);
const AT_REST = { ...SEEN, troubles: [], waiting: {} };

test('a step is judged by its own claims, told with its number and its patience', () => {
  const checks = judgeMoment(STEADY, { moment: 'step', step: 2, seen: SEEN });
  expect(checks).toMatchObject([
    { name: 'step 2: order.good', expected: 'confirmed within 4000 ms', isMet: true },
    { name: 'step 2: mails.total', isMet: true },
  ]);
  const [check] = judgeMoment(STEADY, { moment: 'step', step: 3, seen: SEEN });
  expect(check).toMatchObject({ name: 'step 3: stock.42', expected: '8 to sell' });
});

test('a step that claims nothing, and one that the plan does not have, are met', () => {
  for (const step of [1, 9, undefined]) {
    expect(judgeMoment(STEADY, { moment: 'step', step, seen: SEEN })).toEqual([]);
  }
});

test('the stack is judged before and after, without the invariants of the run', () => {
  const before = judgeMoment(STEADY, { moment: 'steady-before', seen: AT_REST });
  expect(before.map(({ name }) => name)).toEqual([
    'steady before: services',
    'steady before: queues',
  ]);
  expect(isMet({ checks: before })).toBe(true);
  const seen = { ...AT_REST, waiting: { 'payment.commands': 1 } };
  const after = judgeMoment(STEADY, { moment: 'steady-after', seen });
  expect(after.map((check) => check.isMet)).toEqual([true, false]);
  expect(isMet({ checks: after })).toBe(false);
});

test('a plan that asks for nothing steady is steady', () => {
  expect(judgeMoment(PLAN, { moment: 'steady-before', seen: SEEN })).toEqual([]);
});

test('the end is judged by what the scenario expects and by every invariant', () => {
  const checks = judgeMoment(STEADY, { moment: 'end', seen: SEEN });
  const kinds = checks.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'expectation')).toHaveLength(1);
  expect(kinds.filter((kind) => kind === 'invariant')).toHaveLength(12);
});
