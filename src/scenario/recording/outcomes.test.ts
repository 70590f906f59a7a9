import { expect, test } from 'vitest';

import { planFor } from '../../../test/support/seen-run.ts';
import type { Line } from './lines.ts';
import { outcomesOf } from './outcomes.ts';

const PLAN = planFor(`scenario: x
about: Faults of every kind.
given: { books: { 42: { stock: 10, price: 39.00 } } }
steps:
  - order: { id: o1, book: 42 }
  - fault: { hang: customer, for: 1s }
faults:
  - { at: payment.refund@handle, error: broken }
  - { at: "*.*@deliver", delay: 5ms, times: all }
  - { at: mediator.charged@commit, crash: mediator }
  - { at: t+5s, restart: broker }
`);

const RUN: Line = {
  kind: 'run',
  format: 1,
  run: 'x-1a2b3c',
  title: 'x',
  file: 'x.yaml',
  text: '',
  variables: {},
  cell: {},
  seed: 1,
  stack: 'ephemeral',
  engine: 'embedded',
  startedAt: 0,
  version: '0',
};
const message = { message: 'payment.charge', messageId: 'm1', seq: 1, instance: 'payment-1' };

const handled = (service: string, name: string): Line => ({
  ...message,
  kind: 'passage',
  atMs: 1,
  service,
  message: name,
  what: 'point',
  point: 'handle',
});
const hit = (faultId: string): Line => ({
  ...message,
  kind: 'passage',
  atMs: 1,
  service: 'payment',
  what: 'fault',
  faultId,
  point: 'handle',
  action: { verb: 'drop' },
});
const act = (faultId: string, problem?: string): Line => ({
  kind: 'stack',
  atMs: 1,
  faultId,
  verb: 'crash',
  part: 'mediator',
  ...(problem !== undefined && { problem }),
});

function firedBy(...lines: Line[]): Record<string, number> {
  return Object.fromEntries(
    outcomesOf(PLAN, [RUN, ...lines]).map(({ fault, fired }) => [fault.id, fired]),
  );
}

test('faults come in the order of the plan, none fired when nothing was written down', () => {
  expect(firedBy()).toEqual({ f1: 0, f2: 0, f3: 0, f4: 0, s2: 0 });
});

test('a fault of a message fired as often as the parts of the run say so', () => {
  const lines = ['x-1a2b3c/f1', 'x-1a2b3c/f2', 'x-1a2b3c/f2', 'x-ffffff/f1', 'f1'].map(hit);
  expect(firedBy(...lines)).toMatchObject({ f1: 1, f2: 2 });
});

test('a fault of a part fired when something was done to it, not when its place was reached', () => {
  expect(firedBy(hit('x-1a2b3c/f3'))).toMatchObject({ f3: 0 });
  expect(firedBy(act('f3'), act('f4'), act('s2'))).toMatchObject({ f3: 1, f4: 1, s2: 1 });
});

test('what could not be done is told, and does not count', () => {
  const outcomes = outcomesOf(PLAN, [RUN, act('f4', 'the broker is not ours')]);
  expect(outcomes.find(({ fault }) => fault.id === 'f4')).toMatchObject({
    fired: 0,
    problem: 'the broker is not ours',
  });
});

test('near misses are the messages that the part of the fault handled, of all parts for a star', () => {
  const lines = [
    handled('payment', 'payment.charge'),
    handled('payment', 'payment.charge'),
    handled('mediator', 'payment.charged'),
  ];
  const [refund, all, crash, atTime] = outcomesOf(PLAN, [RUN, ...lines]);
  expect(refund?.passed).toEqual({ 'payment.charge': 2 });
  expect(all?.passed).toEqual({ 'payment.charge': 2, 'payment.charged': 1 });
  expect(crash?.passed).toEqual({ 'payment.charged': 1 });
  expect(atTime?.passed).toEqual({});
});
