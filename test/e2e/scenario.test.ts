import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** Folders of the runs that are kept. */
function recordings(): string[] {
  return readdirSync(path.join(env.WONDERLAND_STATE_DIR, 'runs')).toSorted().toReversed();
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

test('scenarios of a tag pass on the running stack, each in a line, with a sum for newcomers', async () => {
  const { code, stdout, stderr } = await cli([
    'scenario',
    'run',
    '--tag',
    'basics',
    '--parallel',
    '3',
  ]);
  expect(stderr).toMatch(/✔ happy-path {2}\d+ checks, \d+ invariants {2}\(/);
  expect(stdout).toMatch(/^✔ All passed: \d+ scenarios in .* checks held/);
  expect(code).toBe(0);
});

test('each run of a matrix and its repeats is a line, a recording and a command of its own', async () => {
  writeScenario(
    'cells',
    `matrix: { wish: [confirmed, rejected] }\nrepeat: 2\n${ORDER}\nexpect: { order: { o1: '\${wish}' } }`,
  );
  const before = recordings().length;
  const { code, stdout, stderr } = await cli(['scenario', 'run', 'cells.yaml']);
  expect(code).toBe(10);
  expect(stderr).toContain('✔ cells [wish=confirmed, 1 of 2]');
  expect(stderr).toContain('✖ cells [wish=rejected, 2 of 2]  FAILED');
  expect(stdout).toContain('4 runs of 1 scenario in');
  expect(stdout).toContain('✔ 2 passed: everything held that must hold');
  expect(stdout).toContain('✖ 2 failed: something that must hold did not');
  const again = 'wonderland scenario run cells.yaml --var wish=rejected --seed 2 --repeat 1';
  expect(stdout).toContain(`Run it again:  ${again}`);
  expect(recordings().length).toBe(before + 4);
  const alone = await cli(again.split(' ').slice(1));
  expect(alone.stderr).toContain('✖ cells [wish=rejected]  FAILED');
});

test('the newest 50 recordings are kept', async () => {
  writeScenario('quick', ORDER);
  const { code } = await cli([
    'scenario',
    'run',
    'quick.yaml',
    '--repeat',
    '52',
    '--parallel',
    '8',
  ]);
  expect(code).toBe(0);
  expect(recordings()).toHaveLength(50);
  const [first = ''] = recordings();
  const lines = readFileSync(
    path.join(env.WONDERLAND_STATE_DIR, 'runs', first, 'run.ndjson'),
    'utf8',
  );
  expect(JSON.parse(lines.split('\n')[0] ?? '')).toMatchObject({ kind: 'run', file: 'quick.yaml' });
}, 180_000);

test('a failure exits with 10 and leads to the cause', async () => {
  writeScenario('wrong', `${ORDER}\nexpect: { order: { o1: rejected } }`);
  const { code, stdout, stderr } = await cli(['scenario', 'run', 'wrong.yaml']);
  expect(code).toBe(10);
  expect(stdout).toContain('✖ order.o1\n  expected  rejected\n  found     confirmed\n');
  expect(stdout).toMatch(/What happened to o1 [^]*\d+ ms {2}mediator → payment +payment\.charge\n/);
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

test('a stack that is not steady exits with 4, and nothing is tried', async () => {
  writeScenario('unsteady', `steady: { count: { order.accepted: 3 } }\n${ORDER}`);
  const { code, stdout, stderr } = await cli(['scenario', 'run', 'unsteady.yaml']);
  expect(code).toBe(4);
  expect(stderr).toContain('NOT PLAYED: unsteady was not begun: the stack is not steady');
  expect(stdout).toContain('✖ 1 not played');
});

test('a failure weighs more than a run that could not be judged, and that more than one that proves nothing', async () => {
  writeScenario('unsteady', `steady: { count: { order.accepted: 3 } }\n${ORDER}`);
  writeScenario('wrong', `${ORDER}\nexpect: { order: { o1: rejected } }`);
  writeScenario('vague', `${ORDER}\nfaults: [{ at: payment.refund@handle, error: never }]`);
  const files = (...names: string[]) => names.map((name) => `${name}.yaml`);
  const all = await cli(['scenario', 'run', ...files('vague', 'unsteady', 'wrong')]);
  expect(all.code).toBe(10);
  const unjudged = await cli(['scenario', 'run', ...files('vague', 'unsteady')]);
  expect(unjudged.code).toBe(4);
  const first = await cli(['scenario', 'run', ...files('vague', 'wrong'), '--fail-fast']);
  expect(first.code).toBe(12);
  expect(first.stdout).not.toContain('wrong');
});

test('--var is an error only when no file has it', async () => {
  writeScenario(
    'with',
    `vars: { n: 2 }\nsteps: [{ order: { id: o1, book: 42, quantity: '\${n}' } }]`,
  );
  writeScenario('without', ORDER);
  const both = await cli(['scenario', 'run', 'with.yaml', 'without.yaml', '--var', 'n=1']);
  expect(both.code).toBe(0);
  const neither = await cli(['scenario', 'run', 'with.yaml', 'without.yaml', '--var', 'm=1']);
  expect(neither.code).toBe(2);
  expect(neither.stderr).toContain('None of them has a variable "m"');
});

test('what runs in a simulation only is left out with a note', async () => {
  writeScenario('later', `runs-on: [sim]\n${ORDER}`);
  const { code, stderr } = await cli(['scenario', 'run', 'later.yaml']);
  expect(stderr).toContain('later is left out');
  expect(code).toBe(2);
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

test('reports are written, whatever the verdict', async () => {
  writeScenario('wrong', `${ORDER}\nexpect: { order: { o1: rejected } }`);
  const reports = [
    '--report',
    'html=out/r.html,junit=out/r.xml',
    '--report',
    'ndjson=out/r.ndjson',
  ];
  const { code } = await cli(['scenario', 'run', 'wrong.yaml', ...reports]);
  expect(code).toBe(10);
  const read = (name: string): string => readFileSync(path.join(folder, 'out', name), 'utf8');
  expect(read('r.html')).toContain('<html');
  expect(read('r.xml')).toContain('<failure');
  expect(read('r.ndjson')).toContain('"kind":"run"');
  expect((await cli(['scenario', 'run', 'wrong.yaml', '--report', 'htlm=x'])).code).toBe(2);
});

test('a new scenario passes as it is, is never overwritten, and asks for nothing without a terminal', async () => {
  const flags = ['--name', 'mine', '--kind', 'payment-declined', '--about', 'Mine: "a test".'];
  const made = await cli(['scenario', 'new', ...flags, '--book', '7']);
  expect(made).toMatchObject({ code: 0, stdout: '✔ Written: scenarios/mine.yaml\n' });
  expect((await cli(['scenario', 'run', 'mine'])).code).toBe(0);
  const twice = await cli(['scenario', 'new', ...flags, '--book', '7']);
  expect(twice.code).toBe(2);
  expect(twice.stderr).toContain('scenarios/mine.yaml is there already');
  const bare = await cli(['scenario', 'new', 'other.yaml', '--kind', 'stock-out']);
  expect(bare.code).toBe(2);
  expect(bare.stderr).toContain('--about, --book are missing');
  // What is wrong comes before what is missing.
  const wrong = await cli(['scenario', 'new', '--kind', 'stock-oot']);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('Did you mean "stock-out"?');
});

test('--dry tells where it would be played and how faults are undone, and does nothing', async () => {
  writeScenario(
    'rude',
    `${ORDER}\nfaults: [{ at: payment.charge@handle, crash: payment, for: 1s }]`,
  );
  const { code, stdout } = await cli(['scenario', 'show', 'rude.yaml', '--dry']);
  expect(code).toBe(0);
  expect(stdout).toContain('The running stack "default" (embedded');
  expect(stdout).toContain('kills the process (SIGKILL)');
  expect(stdout).toContain('the supervisor undoes it after 1.00 s');
  const own = await cli(['scenario', 'show', 'rude.yaml', '--dry', '--isolated', '--json']);
  expect(JSON.parse(own.stdout).result.dry).toMatchObject({
    stack: 'ephemeral',
    faults: [{ parts: ['payment'] }],
  });
});

test('scenarios can be listed and shown without a stack', async () => {
  const nowhere = { env: { WONDERLAND_STATE_DIR: path.join(folder, 'nowhere') } };
  const list = await cli(['scenario', 'list'], nowhere);
  expect(list.stdout).toMatch(/^basics\n[^]*^payment\n[^]* payment-failure/m);
  const some = await cli(['scenario', 'list', '--tag', 'stock'], nowhere);
  expect(some.stdout).not.toContain('payment-failure');
  expect((await cli(['scenario', 'list', '--tag', 'stok'], nowhere)).stderr).toContain('"stock"?');
  const show = await cli(['scenario', 'show', 'stock-out'], nowhere);
  expect(show.stdout).toContain('wait until order o1 is confirmed, at most 5.00 s');
});
