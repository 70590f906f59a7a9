import { expect, test } from 'vitest';

import { parseScenario, type ScenarioText } from './parse.ts';

function text(body: string): string {
  return `scenario: x
about: A test.
given: { books: { 42: { stock: 5, price: 39.00 } } }
steps: [{ order: { id: o1, customer: alice, book: 42 } }]
${body}`;
}

function runsOf(body: string, asked: Partial<ScenarioText> = {}) {
  const result = parseScenario({ file: 'x.yaml', text: text(body), ...asked });
  return result.ok ? result.runs : result.problems.map(({ message }) => message);
}

const crash =
  'matrix: { point: [handle, ack], part: [mediator, payment] }\n' +
  'faults: [{ at: "payment.charge@${point}", crash: "${part}" }]';

test('a matrix gives a run for each combination, each with its values', () => {
  expect(runsOf(crash)).toMatchObject([
    { cell: { point: 'handle', part: 'mediator' }, scenario: { faults: [{ crash: 'mediator' }] } },
    { cell: { point: 'handle', part: 'payment' } },
    { cell: { point: 'ack', part: 'mediator' } },
    {
      cell: { point: 'ack', part: 'payment' },
      scenario: { faults: [{ at: 'payment.charge@ack' }] },
    },
  ]);
});

test('--var pins a variable of the matrix to one value', () => {
  const runs = runsOf(crash, { overrides: { point: 'commit' } });
  expect(runs).toMatchObject([{ cell: { point: 'commit' } }, { cell: { point: 'commit' } }]);
});

test('repeats have the seeds 1, 2, 3; a seed that is given is the first of them', () => {
  expect(runsOf('repeat: 3')).toMatchObject([{ seed: 1 }, { seed: 2 }, { seed: 3 }]);
  expect(runsOf('repeat: 2\nseed: 7')).toMatchObject([{ seed: 7 }, { seed: 8 }]);
  expect(runsOf('repeat: 9', { repeat: 1, seed: 4 })).toMatchObject([{ seed: 4 }]);
});

test('a value of the matrix that makes no sense is told once, where it is used', () => {
  expect(
    runsOf(
      'matrix: { point: [handle, hande] }\nfaults: [{ at: "payment.charge@${point}", drop: true }]',
    ),
  ).toEqual([
    'drop cannot act at "handle", only at publish, confirm, deliver, reply',
    '"hande" is no point of a message\'s life. Did you mean "handle"?',
  ]);
});

test('a variable stands in vars or in the matrix, not in both', () => {
  expect(runsOf('vars: { point: ack }\nmatrix: { point: [handle] }')).toEqual([
    '"point" stands in vars, too',
  ]);
});

test('a product that no memory could hold is refused before it is made', () => {
  const values = Array.from({ length: 100 }, (_, index) => index).join(', ');
  const axes = ['a', 'b', 'c', 'd'].map((name) => `${name}: [${values}]`).join(', ');
  expect(runsOf(`matrix: { ${axes} }`)).toEqual(['these are 100000000 runs, and 1000 is the most']);
});

test('more runs than anybody waits for are refused', () => {
  expect(runsOf('repeat: 600\nmatrix: { a: [1, 2] }')).toEqual([
    'these are 1200 runs, and 1000 is the most',
  ]);
});
