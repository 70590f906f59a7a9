import { expect, test } from 'vitest';

import { formatProblem, parseScenario, parseScenarioOrThrow } from './parse.ts';

const GOOD = `scenario: payment-failure
about: The card is declined.
vars: { reason: insufficient_funds, orders: 2 }
given: { books: { 42: { stock: 10, price: 39.00 } } }
steps:
  - order: { id: o1, customer: alice, book: 42 }
  - orders: { count: "\${orders}", id: "p{n}", book: 42, pay: mastercard }
faults:
  - { at: payment.charge@handle, decline: "\${reason}" }
expect:
  order: { o1: rejected, p2: confirmed }
  count: { order.confirmed: ">= 1" }
`;

function problemsOf(text: string): string[] {
  const result = parseScenario({ file: 'x.yaml', text });
  return result.ok ? [] : result.problems.map(formatProblem);
}

/** The good file with one line replaced. */
function withLine(from: string, to: string): string {
  expect(GOOD).toContain(from);
  return GOOD.replace(from, to);
}

test('a good file becomes its meaning, prices in cents and durations in milliseconds', () => {
  const [run] = parseScenarioOrThrow({ file: 'x.yaml', text: GOOD });
  const scenario = run?.scenario;
  expect(scenario?.given.books['42']).toEqual({ stock: 10, price: 3900 });
  expect(scenario?.settle).toBe(30_000);
  expect(scenario?.faults[0]).toMatchObject({ decline: 'insufficient_funds', nth: 1 });
  expect(scenario?.expect.count).toEqual({ 'order.confirmed': { comparison: '>=', value: 1 } });
});

test('a variable alone keeps its type, and --var replaces its default', () => {
  const overrides = { orders: 7, reason: 'lost_card' };
  const [run] = parseScenarioOrThrow({ file: 'x.yaml', text: GOOD, overrides });
  const scenario = run?.scenario;
  expect(scenario?.steps[1]?.orders?.count).toBe(7);
  expect(scenario?.faults[0]?.decline).toBe('lost_card');
  expect(run?.variables).toEqual(overrides);
});

test('a variable that the file does not declare is refused, with the one that was meant', () => {
  const overrides = { raeson: 'x' };
  expect(() => parseScenarioOrThrow({ file: 'x.yaml', text: GOOD, overrides })).toThrow(
    expect.objectContaining({ code: 'usage', hint: 'Did you mean --var reason=…?' }),
  );
});

test.each([
  [
    'about:',
    'abuot:',
    ['x.yaml:1:1  "about" is missing', 'x.yaml:2:1  unknown key "abuot". Did you mean "about"?'],
  ],
  [
    'payment.charge',
    'payment.chrage',
    ['x.yaml:9:11  payment handles no message "chrage". Did you mean "charge"?'],
  ],
  [
    'payment.charge',
    'paymnt.charge',
    ['x.yaml:9:11  "paymnt" is no part that handles messages. Did you mean "payment"?'],
  ],
  [
    '@handle',
    '@handel',
    ['x.yaml:9:11  "handel" is no point of a message\'s life. Did you mean "handle"?'],
  ],
  ['decline:', 'declin:', ['x.yaml:9:34  unknown key "declin". Did you mean "decline"?']],
  [
    'o1: rejected',
    'o1: rejcted',
    ['x.yaml:11:16  "rejcted" is not a status of an order. Did you mean "rejected"?'],
  ],
  [
    'order.confirmed',
    'order.confirmd',
    ['x.yaml:12:12  unknown key "order.confirmd". Did you mean "order.confirmed"?'],
  ],
  [
    '  count: { order.confirmed: ">= 1" }',
    '  trace: { o1: [charged, realeased] }',
    ['x.yaml:12:26  "realeased" is not an event of an order. Did you mean "released"?'],
  ],
  [
    'p2: confirmed',
    'p3: confirmed',
    ['x.yaml:11:26  there is no order "p3" in this scenario. Did you mean "p1"?'],
  ],
  [
    '${reason}',
    '${raeson}',
    ['x.yaml:9:43  there is no variable "raeson" in vars. Did you mean "reason"?'],
  ],
  [
    'payment.charge',
    'inventory.commit',
    [
      'x.yaml:9:36  nobody can decline inventory.commit@handle: only inventory.reserve and payment.charge',
    ],
  ],
  [
    'alice, book: 42',
    'alice, book: 41',
    ['x.yaml:6:45  book 41 is not in "given": say how many copies it has here'],
  ],
  [
    'mastercard',
    'mastercrad',
    ['x.yaml:7:62  "mastercrad" is not a test card. Did you mean "mastercard"?'],
  ],
  [
    '39.00',
    '39.005',
    ['x.yaml:4:43  39.005 is not a price with at most two decimals, such as 39.00'],
  ],
  [
    '">= 1"',
    '"about 1"',
    ['x.yaml:12:29  "about 1" is not a whole number, or a quoted comparison such as ">= 1"'],
  ],
  [
    'id: "p{n}"',
    'id: p',
    [
      'x.yaml:7:39  there are two orders named "p": give each its own with {n}',
      'x.yaml:11:26  there is no order "p2" in this scenario. Did you mean "p"?',
    ],
  ],
  [
    '  count:',
    '  settle: 5s\n  count:',
    ['x.yaml:12:3  unknown key "settle". It belongs to the top level of the file.'],
  ],
])('%s written as %s is a problem with its line and column', (from, to, problems) => {
  expect(problemsOf(withLine(from, to))).toEqual(problems);
});

test('what belongs to a later version says so', () => {
  expect(problemsOf(withLine('  - orders:', '  - advance: 5s\n  - orders:'))).toEqual([
    'x.yaml:7:5  "advance" is not supported by this version',
  ]);
});

test.each([
  ['count: { order.confirmed', 'count: { order.confirmd', 'order.confirmed'],
  ['  count:', '  messages: { los: 0 }\n  count:', 'lost'],
  ['  count:', '  latency: { order.p99: "< 2s", order.pmax: "< 2s" }\n  count:', 'order.max'],
  ['  count:', '  queues: emtpy\n  count:', 'empty'],
  ['scenario: ', 'runs-on: [liv]\nscenario: ', 'live'],
])('%s written as %s: did you mean %s?', (from, to, word) => {
  expect(problemsOf(withLine(from, to)).join()).toContain(`Did you mean "${word}"?`);
});

test('all problems of a file are told at once, in order of their place', () => {
  const text = withLine('o1: rejected', 'o1: rejcted')
    .replace('decline:', 'declin:')
    .replace('stock: 10', 'stock: many');
  expect(problemsOf(text).map((line) => line.split(' ')[0])).toEqual([
    'x.yaml:4:32',
    'x.yaml:9:34',
    'x.yaml:11:16',
  ]);
});

test('a step does exactly one thing', () => {
  const text = withLine('  - orders:', '  - order: { id: x, book: 42 }\n    orders:');
  expect(problemsOf(text)).toEqual([
    'x.yaml:7:5  order and orders are given: write exactly one of order, orders, cancel, until, expect, fault, heal, send',
  ]);
});

test('text that is not YAML is a problem at the place where it stops being so', () => {
  expect(problemsOf('scenario: x\nsteps: [a, b\nabout: c\n')[0]).toMatch(/^x\.yaml:[23]:\d+ {2}/);
  expect(problemsOf('just text')).toEqual([
    'x.yaml:1:1  a scenario file is a mapping that begins with "scenario: name"',
  ]);
  expect(problemsOf('scenario: x\nscenario: y\n')[0]).toMatch(/^x\.yaml:2:1 {2}.*unique/);
});

test('a file that is far too long is refused before it is read', () => {
  expect(problemsOf(`about: ${'x'.repeat(300_000)}`)).toEqual([
    'x.yaml:1:1  the file is longer than 262144 characters',
  ]);
});

test('only an order that an earlier step placed can be cancelled', () => {
  const cancelling = (name: string): string[] =>
    problemsOf(withLine('  - orders:', `  - cancel: ${name}\n  - orders:`));
  expect(cancelling('o1')).toEqual([]);
  expect(cancelling('p2')).toEqual(['x.yaml:7:13  "p2" is placed by a later step']);
  expect(cancelling('o7')).toEqual([
    'x.yaml:7:13  there is no order "o7" in this scenario. Did you mean "o1"?',
  ]);
});

/** Nine lists of nine, each of those before it. */
const BOMB = Array.from({ length: 9 }, (_, at) => {
  const item = at === 0 ? 'x' : `*l${at - 1}`;
  return `l${at}: &l${at} [${Array.from({ length: 9 }, () => item).join(', ')}]`;
}).join('\n');

test.each([
  ['to too much', BOMB],
  ['nowhere', 'scenario: *gone\n'],
  ['in a circle', 'scenario: &x [*x]\n'],
])('aliases that lead %s are a problem of the file', (_, text) => {
  expect(problemsOf(text)).toEqual([
    expect.stringMatching(/^x\.yaml:1:1 {2}the aliases \(\*name\) cannot be followed: [^\n]+$/),
  ]);
});

test('a second document is told where it begins', () => {
  expect(problemsOf('scenario: a\n---\nscenario: b\n')).toEqual([
    'x.yaml:2:1  a scenario file is one document: remove the second "---"',
  ]);
});

test.each([
  '>= 1',
  '> 1',
  '>=1',
  '[>= 1]',
  '{ order.confirmed: >= 1 }',
  '{ order.confirmed: > 1 }',
])('a comparison without quotes is told to need them: %s', (value) => {
  const problems = problemsOf(`scenario: a\nexpect:\n  count: ${value}\n`);
  expect(problems.join('\n')).toContain('Quote comparisons, such as ">= 1"');
});

test('other words of the parser are left as they are', () => {
  expect(problemsOf('scenario: [a\n').join()).not.toContain('comparison');
});

test('bytes that move a cursor do not reach the terminal', () => {
  const problems = problemsOf('scenario: "\u001B]0;owned\u0007"\n\u001B[2J: | x\u001B[1m\n').join(
    '\n',
  );
  expect(problems).not.toBe('');
  // oxlint-disable-next-line no-control-regex
  expect(problems).not.toMatch(/[\u0007\u001B]/);
});

test('where no variable is declared, none is listed', () => {
  const file = GOOD.replace(/^vars: .*\n/m, '');
  expect(problemsOf(file)).toContain(
    'x.yaml:6:22  there is no variable "orders": no variable is declared under vars',
  );
  const text = { file: 'x.yaml', text: 'scenario: a\n', overrides: { reason: 'x' } };
  expect(() => parseScenario(text)).toThrow(
    expect.objectContaining({
      hint: 'No variable is declared: that is done under `vars:` or `matrix:`.',
    }),
  );
});
