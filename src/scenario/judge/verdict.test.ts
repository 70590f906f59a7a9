import { expect, test } from 'vitest';

import type { PlannedFault } from '../plan/faults.ts';
import type { Check } from './check.ts';
import { SEEN, TALLY } from '../../../test/support/seen-run.ts';
import { armedBefore, isOver, verdictOf } from './verdict.ts';

const check = (kind: Check['kind'], isMet: boolean): Check => ({
  name: 'x',
  kind,
  isMet,
  expected: '',
  found: '',
  atMs: 0,
  orders: [],
});
const fault: PlannedFault = {
  id: 'f1',
  at: 'payment.charge@handle',
  place: {
    kind: 'point',
    target: { service: 'payment', message: 'payment.charge', point: 'handle' },
  },
  does: { kind: 'message', action: { verb: 'decline', reason: 'no' } },
  order: undefined,
  attempt: undefined,
  nth: 1,
  times: 1,
  rate: undefined,
};
const fired = (times: number) => [{ fault, fired: times, passed: {} }];

test('everything held and every fault fired: passed', () => {
  expect(verdictOf([check('expectation', true), check('invariant', true)], fired(1))).toBe(
    'passed',
  );
});

test('an expectation or an invariant did not hold: failed', () => {
  expect(verdictOf([check('expectation', false)], fired(1))).toBe('failed');
  expect(verdictOf([check('invariant', false)], [])).toBe('failed');
});

test('a fault never fired: nothing can be said, whether the expectations held or not', () => {
  expect(verdictOf([check('expectation', true)], fired(0))).toBe('inconclusive');
  expect(verdictOf([check('expectation', false)], fired(0))).toBe('inconclusive');
});

test('a broken invariant is a failure even when a fault never fired', () => {
  expect(verdictOf([check('invariant', false)], fired(0))).toBe('failed');
});

test('a run is over when no accepted order is open', () => {
  expect(isOver(SEEN)).toBe(true);
  expect(isOver({ ...SEEN, orders: [...SEEN.orders, { name: 'lost' }] })).toBe(false);
  expect(isOver({ ...SEEN, orders: [...SEEN.orders, { name: 'x', refusal: 'no' }] })).toBe(true);
});

test('a run is not over while a fault holds a message back, and is when that time is up', () => {
  const held = { message: 'payment.charge', messageId: 'm1', heldUntilMs: SEEN.atMs + 1 };
  expect(isOver({ ...SEEN, messages: { ...TALLY, lost: [held] } })).toBe(false);
  const gone = { ...held, heldUntilMs: SEEN.atMs };
  expect(isOver({ ...SEEN, messages: { ...TALLY, lost: [gone] } })).toBe(true);
});

test('where there was nothing to judge nothing is proven; a broken check beside it is broken', () => {
  const vague: Check = { ...check('expectation', false), isVague: true };
  expect(verdictOf([vague, check('expectation', true)], [])).toBe('inconclusive');
  expect(verdictOf([vague, check('expectation', false)], [])).toBe('failed');
});

test('a fault of a step that a run never came to proves nothing about it', () => {
  const outcomes = fired(0);
  const later = { steps: [{ does: 'heal' }, { does: 'fault', fault }] } as const;
  expect(armedBefore(later, 1, outcomes)).toEqual([]);
  expect(armedBefore(later, 2, outcomes)).toEqual(outcomes);
  expect(armedBefore(later, undefined, outcomes)).toEqual(outcomes);
});
