import { expect, test } from 'vitest';

import { parseScenario } from './parse.ts';

function problemsOf(fault: string, step?: string): string[] {
  const result = parseScenario({
    file: 'x.yaml',
    text: `scenario: x
about: A test.
given: { books: { 42: { stock: 5, price: 39.00 } } }
steps:
  - order: { id: o1, customer: alice, book: 42 }
${step === undefined ? '' : `  - ${step}\n`}faults: [${fault}]
`,
  });
  return result.ok ? [] : result.problems.map(({ line, message }) => `${line}: ${message}`);
}

test('every verb is understood where it makes sense', () => {
  const faults = [
    '{ at: payment.charge@handle, decline: lost_card }',
    '{ at: payment.charge@commit, error: the disk is full, times: 3 }',
    '{ at: payment.charge@reply, delay: 2s, match: { order: o1, attempt: 2 } }',
    '{ at: payment.charge@reply, drop: true, nth: 2 }',
    '{ at: "*.*@deliver", duplicate: 3, rate: 20% }',
    '{ at: "mediator.*@deliver", reorder: 50ms, times: all }',
    '{ at: inventory.reserve@deliver, corrupt: json }',
    '{ at: mediator.charged@commit, crash: mediator, for: 2s }',
    '{ at: order.confirmed#100, restart: broker, for: 3s }',
    '{ at: t+5s, partition: payment, for: 5s }',
    '{ at: t+500ms, skew: mediator, by: -10m, for: 5s }',
    '{ at: mediator.place@handle, hang: database, for: 1s }',
  ];
  expect(faults.flatMap((fault) => problemsOf(fault))).toEqual([]);
});

test('a fault of a part may happen now, as a step', () => {
  expect(problemsOf('', 'fault: { crash: payment }')).toEqual([]);
  expect(problemsOf('', 'fault: { drop: true }')).toEqual([
    '6: "at" is missing: a place such as payment.charge@handle',
  ]);
});

test.each([
  [
    '{ at: payment.charge@ack, drop: true }',
    'drop cannot act at "ack", only at publish, confirm, deliver, reply',
  ],
  [
    '{ at: t+5s, drop: true }',
    'drop happens to a message: "at" must be a place such as payment.charge@handle',
  ],
  [
    '{ at: order.confirmd#3, crash: payment }',
    '"order.confirmd" is no event of an order. Did you mean "order.confirmed"?',
  ],
  [
    '{ at: order.confirmed#0, crash: payment }',
    '"order.confirmed#0" needs a number from 1, such as order.confirmed#3',
  ],
  ['{ at: t+soon, crash: payment }', '"t+soon" is not a time such as t+5s'],
  [
    '{ at: t+5s, crash: payment, times: 3 }',
    'nth, times, rate and match go with a place such as payment.charge@handle',
  ],
  [
    '{ at: payment.charge@handle, delay: 1s, for: 2s }',
    '"for" goes with a part that is taken away',
  ],
  ['{ at: t+1s, skew: mediator }', '"by" is missing: how wrong the clock is, such as +10m'],
  ['{ at: t+1s, crash: broker, by: +1s }', '"by" goes with skew'],
  [
    '{ at: payment.charge@handle, delay: 1s, match: { order: o2 } }',
    'there is no order "o2" in this scenario. Did you mean "o1"?',
  ],
  [
    '{ at: "*.*@deliver", delay: 1s }',
    'a fault at many messages needs "times: all" or a rate, and no "nth"',
  ],
  [
    '{ at: mediator.place@deliver, delay: 1s }',
    'mediator.place does not pass "deliver", only publish, confirm, handle, commit, committed, reply',
  ],
  ['{ at: mediator.place@reply, corrupt: json }', 'corrupt cannot act at "reply", only at publish'],
  ['{ at: logging.records@reply, drop: true }', 'logging.records does not pass "reply"'],
  ['{ at: payment.charge@handle, delay: 20m }', 'this is longer than 10m'],
  ['{ at: t+1s, partition: broker }', '"broker" is not a part of the shop'],
])('%s is told', (fault, problem) => {
  expect(problemsOf(fault).join()).toContain(problem);
});
