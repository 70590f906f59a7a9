import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runCli, type CliOptions, type CliRun } from './run-cli.ts';

/** A folder with scenario files and the state of one stack that is up for all tests. */
const folder = mkdtempSync(path.join(os.tmpdir(), 'wonderland-scenario-'));
const env = { WONDERLAND_STATE_DIR: path.join(folder, 'state') };

function cli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  return runCli(args, { cwd: folder, env, ...options });
}

function writeScenario(name: string, rest: string): void {
  const head = `scenario: ${name}\nabout: A test.\ngiven: { books: { 42: { stock: 5, price: 39.00 } } }`;
  writeFileSync(path.join(folder, `${name}.yaml`), `${head}\n${rest}\n`);
}

const ORDER = 'steps: [{ order: { id: o1, customer: alice, book: 42 } }]';

/** Resolves when the newest order waits for its payment. */
async function untilCharging(url: string): Promise<void> {
  for (const deadline = performance.now() + 10_000; performance.now() < deadline;) {
    const response = await fetch(`${url}/orders?limit=1&status=charging`);
    const { orders } = (await response.json()) as { orders: unknown[] };
    if (orders.length > 0) return;
  }
  throw new Error('no order came to its payment');
}

beforeAll(async () => {
  const up = await cli(['up', '--ports', 'auto']);
  expect(up.stderr + up.stdout).toContain('ready');
  expect(up.code).toBe(0);
});
afterAll(async () => {
  await cli(['down']);
  rmSync(folder, { recursive: true, force: true });
});

test('all scenarios pass on the running stack, each in a line, with a sum at the end', async () => {
  const { code, stdout, stderr } = await cli(['scenario', 'run']);
  expect(stderr).toMatch(/✔ payment-failure {2}5 checks, 7 invariants, 1 fault fired/);
  expect(stdout).toMatch(/^(\d+) scenarios: \1 passed in /);
  expect(code).toBe(0);
});

test('a failure exits with 10 and leads to the cause', async () => {
  writeScenario('wrong', `${ORDER}\nexpect: { order: { o1: rejected } }`);
  const { code, stdout, stderr } = await cli(['scenario', 'run', 'wrong.yaml']);
  expect(code).toBe(10);
  expect(stdout).toContain('✖ order.o1\n  expected  rejected\n  found     confirmed\n');
  expect(stdout).toMatch(/What happened to o1 .*\n +\d+ ms {2}accepted +reserving +→ inventory/);
  expect(stdout).toContain('Run it again:  wonderland scenario run wrong.yaml');
  expect(stderr).toContain('Failed: wrong');
});

test('with --json the same is one document, with everything the text tells', async () => {
  writeScenario('wrong', `${ORDER}\nexpect: { order: { o1: rejected } }`);
  const { code, stdout } = await cli(['scenario', 'run', 'wrong.yaml', '--json']);
  expect(code).toBe(10);
  const { error } = JSON.parse(stdout);
  expect(error.code).toBe('expectation-broken');
  expect(error.details.scenarios).toMatchObject([
    { scenario: 'wrong', verdict: 'failed', orders: [{ name: 'o1', status: 'confirmed' }] },
  ]);
});

test('a fault that never fired exits with 12 and names what did come', async () => {
  writeScenario('vague', `${ORDER}\nfaults: [{ at: payment.refund@handle, error: never }]`);
  const { code, stdout } = await cli(['scenario', 'run', 'vague.yaml']);
  expect(code).toBe(12);
  expect(stdout).toContain('payment handled payment.charge (1×) instead');
});

test('a file with errors exits with 7 before anything starts, each with line and column', async () => {
  writeScenario('broken', `${ORDER}\nexpect: { ordr: { o1: confirmed }, trace: { o1: [chargd] } }`);
  const outcome = await cli(['scenario', 'run', 'broken.yaml']);
  expect(outcome.code).toBe(7);
  expect(outcome.stderr).toContain('broken.yaml:5:11  unknown key "ordr". Did you mean "order"?');
  expect(outcome.stderr).toContain('broken.yaml:5:50  "chargd" is not an event of an order');
  expect((await cli(['scenario', 'validate', 'broken.yaml'])).code).toBe(7);
});

test('a misspelt name exits with 2 and a named stack that is not up with 3', async () => {
  const misspelt = await cli(['scenario', 'run', 'payment-failur']);
  expect(misspelt).toMatchObject({ code: 2, stdout: '' });
  expect(misspelt.stderr).toContain('Did you mean "payment-failure"?');
  expect((await cli(['scenario', 'run', 'happy-path', '--stack', 'other'])).code).toBe(3);
});

test('Ctrl-C ends a run at once, with 130', async () => {
  writeScenario('long', `${ORDER}\nfaults: [{ at: payment.charge@handle, delay: 20s }]`);
  const { result } = JSON.parse((await cli(['env', '--json'])).stdout);
  let interruptedAt = Infinity;
  const interrupt = async (child: ChildProcess): Promise<void> => {
    await untilCharging(result.WONDERLAND_URL);
    interruptedAt = performance.now();
    child.kill('SIGINT');
  };
  const { code } = await cli(['scenario', 'run', 'long.yaml'], {
    meanwhile: (child) => void interrupt(child),
  });
  expect(code).toBe(130);
  expect(performance.now() - interruptedAt).toBeLessThan(3_000);
});

test('scenarios can be listed and shown without a stack', async () => {
  const nowhere = { env: { WONDERLAND_STATE_DIR: path.join(folder, 'nowhere') } };
  const list = await cli(['scenario', 'list'], nowhere);
  expect(list.stdout).toContain('payment-failure');
  const show = await cli(['scenario', 'show', 'stock-out'], nowhere);
  expect(show.stdout).toContain('wait until order o1 is confirmed, at most 5.00 s');
});
