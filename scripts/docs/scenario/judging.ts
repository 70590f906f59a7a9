/** Tables of what is judged: events, statuses, test cards, invariants, and the exit codes that follow. */
import { ORDER_EVENTS, ORDER_STATUSES } from '../../../src/contracts/orders.ts';
import { TEST_CARDS, type CardBehaviour } from '../../../src/contracts/test-cards.ts';
import { ERROR_CODES, unreachable, type ErrorCode } from '../../../src/kernel/errors.ts';
import { expectedOf } from '../../../src/scenario/judge/invariants.ts';
import { INVARIANTS } from '../../../src/scenario/language/invariants.ts';
import { code, table } from '../sections.ts';

/** Those that a command about scenarios can end with, worth telling apart in a script. */
const ENDINGS: readonly ErrorCode[] = [
  'usage',
  'unknown-scenario',
  'stack-not-running',
  'not-steady',
  'environment',
  'not-ready',
  'part-failed',
  'invalid-scenario',
  'invalid-recording',
  'expectation-broken',
  'inconclusive',
  'interrupted',
];

export function wordsOfOrders(): string {
  return [
    `Statuses, for \`order\` and \`count\`: ${code(...ORDER_STATUSES)}.`,
    `Events, for \`trace\`, \`never\` and \`order.<event>#n\`: ${code(...ORDER_EVENTS)}.`,
  ].join('\n\n');
}

export function testCards(): string {
  return table(
    ['pay', 'what the provider does'],
    TEST_CARDS.map(({ name, behaviour }) => [code(name), behaviourOf(behaviour)]),
  );
}

function behaviourOf(behaviour: CardBehaviour): string {
  switch (behaviour.does) {
    case 'capture':
      return 'It pays.';
    case 'decline':
      return `It is declined: ${code(behaviour.reason)}.`;
    case 'error':
      return 'The provider fails, and says nothing of the money.';
    case 'late':
      return `It pays, ${behaviour.afterMs / 1_000} s later.`;
    default:
      return unreachable(behaviour, 'a card');
  }
}

export function invariants(): string {
  return table(
    ['invariant', 'what must hold'],
    INVARIANTS.map((name) => [code(name), expectedOf(name)]),
  );
}

export function exitCodes(): string {
  const rows = ENDINGS.map((ending) => {
    const { exit, meaning } = ERROR_CODES[ending];
    return [`${exit}`, code(ending), meaning];
  });
  return table(['exit', 'code', 'meaning'], [['0', code('ok'), 'every run passed'], ...rows]);
}
