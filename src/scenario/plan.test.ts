import { expect, test } from 'vitest';

import { planFor } from '../../test/support/seen-run.ts';
import { isDisruptive, plannedOrders, type Plan } from './plan.ts';

function plan(rest: string): Plan {
  return planFor(`scenario: x
about: A test.
given: { books: { 42: { stock: 10, price: 39.00 } } }
${rest}`);
}

test('many orders are counted from 1, each with its own customer', () => {
  const { steps, customers } = plan('steps: [{ orders: { count: 3, book: 42, parallel: 2 } }]');
  expect(steps[0]).toMatchObject({ does: 'place', parallel: 2, awaitsDecision: true });
  expect(plannedOrders({ steps }).map(({ name, customer }) => `${name}/${customer}`)).toEqual([
    'o1/c1',
    'o2/c2',
    'o3/c3',
  ]);
  expect(customers).toEqual(['c1', 'c2', 'c3']);
});

test('an order is paid with visa unless it names a test card', () => {
  const { steps } = plan(
    'steps: [{ order: { id: a, book: 42 } }, { order: { id: b, book: 42, pay: lost-card } }]',
  );
  expect(plannedOrders({ steps }).map(({ payment }) => payment)).toEqual([
    { kind: 'visa', token: 'tok_visa' },
    { kind: 'visa', token: 'tok_lost_card' },
  ]);
});

test('a fault knows the contract of the message that it is written for', () => {
  const { faults } = plan(`steps: [{ order: { id: o1, book: 42 } }]
faults:
  - { at: mediator.charged@handle, delay: 10ms..20ms }
  - { at: "inventory.*@handle", delay: 1s, times: all }
  - { at: payment.charge@handle, error: broken, nth: 2, times: 3 }`);
  expect(faults).toMatchObject([
    {
      id: 'f1',
      place: {
        kind: 'point',
        target: { service: 'mediator', message: 'payment.charged', point: 'handle' },
      },
      does: { kind: 'message', action: { verb: 'delay', minMs: 10, maxMs: 20 } },
      nth: 1,
      times: 1,
    },
    { place: { target: { service: 'inventory', message: '*' } }, times: undefined },
    { does: { action: { verb: 'error', message: 'broken' } }, nth: 2, times: 3 },
  ]);
});

test('what is expected becomes claims; total stands for all orders', () => {
  const { claims } = plan(`steps: [{ order: { id: o1, book: 42 } }]
expect: { order: { o1: confirmed }, paid: { o1: 39.00, total: 39 }, mails: { total: ">= 1" } }`);
  expect(claims).toEqual([
    { kind: 'order', order: 'o1', status: 'confirmed' },
    { kind: 'paid', order: 'o1', cents: 3900 },
    { kind: 'paid', order: undefined, cents: 3900 },
    { kind: 'mails', order: undefined, amount: { comparison: '>=', value: 1 } },
  ]);
});

test('waiting has a limit even when none is written', () => {
  const { steps } = plan(
    'steps: [{ order: { id: o1, book: 42 } }, { until: { order: { o1: confirmed } } }]',
  );
  expect(steps[1]).toMatchObject({ does: 'until', withinMs: 10_000 });
});

test('a cancel names the order, and the policy says when orders are shipped', () => {
  const { steps } = plan('steps: [{ order: { id: o1, book: 42 } }, { cancel: o1 }]');
  expect(steps[1]).toEqual({ does: 'cancel', order: 'o1' });
  const text = `scenario: x
about: A test.
given: { books: { 42: { stock: 1, price: 1.00 } }, policy: { ship-after: 250ms } }
steps: [{ order: { id: o1, book: 42 } }]`;
  expect(planFor(text).policy).toEqual({ shipAfterMs: 250 });
});

test.each([
  ['{ at: payment.charge@handle, error: broken }', false],
  ['{ at: payment.charge@handle, crash: payment }', true],
  ['{ at: t+5s, restart: broker }', true],
  ['{ at: logging.records@commit, error: the disk is full }', true],
])('a run with the fault %s disturbs others: %s', (fault, disturbs) => {
  const played = plan(`steps: [{ order: { id: o1, book: 42 } }]\nfaults: [${fault}]`);
  expect(isDisruptive(played)).toBe(disturbs);
});
