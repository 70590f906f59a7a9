/** What people see while the mediator takes no orders, and how it ends. */
import { afterAll, expect, test } from 'vitest';

import { runCli, type CliRun } from './run-cli.ts';
import {
  CONFIRMED,
  startStubMediator,
  type StubMediator,
  type StubOptions,
} from './stub-mediator.ts';

const stubs: StubMediator[] = [];
afterAll(async () => {
  for (const stub of stubs) await stub[Symbol.asyncDispose]();
});

async function order(
  options: Omit<StubOptions, 'steps'>,
  ...args: string[]
): Promise<CliRun & { mediator: StubMediator }> {
  const mediator = await startStubMediator({ steps: CONFIRMED, ...options });
  stubs.push(mediator);
  const env = { WONDERLAND_URL: mediator.url };
  return { ...(await runCli(['order', ...args], { env })), mediator };
}

const ORDER_ID = '01980000-0000-7000-8000-000000000001';
const READ_ONLY = [
  'database-unreachable',
  'No order can be kept: the database is read-only',
] as const;

test('what the mediator refuses with is shown once, and is how it ends', async () => {
  const flags = ['--book', '42', '--timeout', '1s', '--idempotency-key', 'k-2'];
  const { code, stdout, stderr } = await order({ refuses: () => READ_ONLY }, ...flags);
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  expect(stderr.split('read-only; asking again')).toHaveLength(2);
  expect(stderr).toMatch(
    /✖ No order can be kept: the database is read-only\n.*--idempotency-key k-2/,
  );
  expect(stderr).not.toContain('lost');
});

test('a refusal that ends in time is only a warning', async () => {
  const refuses = (post: number) =>
    post < 3 ? (['overloaded', `${post} orders are on their way`] as const) : undefined;
  const { code, stdout, stderr } = await order({ refuses }, '--book', '42');
  expect(code).toBe(0);
  expect(stdout).toContain('confirmed');
  expect(stderr.split('orders are on their way; asking again')).toHaveLength(2);
});

test('a refusal after an answer that was lost leaves the outcome unknown, with the reason', async () => {
  const refuses = (post: number) =>
    post === 1 ? (['outcome-unknown', 'The database did not say in time'] as const) : READ_ONLY;
  const flags = ['--book', '42', '--timeout', '1s', '--json'];
  const { code, stdout } = await order({ refuses }, ...flags);
  expect(code).toBe(6);
  const { error } = JSON.parse(stdout) as { error: { message: string; code: string } };
  expect(error).toMatchObject({ code: 'outcome-unknown' });
  expect(error.message).toContain('the database is read-only');
});

test('a cancel that is refused for now says why, and how to ask again', async () => {
  const refuses = (post: number) => (post === 1 ? undefined : READ_ONLY);
  const { mediator } = await order({ refuses }, '--book', '42');
  const env = { WONDERLAND_URL: mediator.url };
  const { code, stderr } = await runCli(['order', 'cancel', ORDER_ID, '-t', '1s'], { env });
  expect(code).toBe(4);
  expect(stderr).toContain('read-only; asking again');
  expect(stderr).toMatch(/✖ .*the database is read-only/);
  expect(stderr).toContain(`can't be cancelled twice: wonderland order cancel ${ORDER_ID}`);
});
