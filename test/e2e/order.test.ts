import { afterAll, expect, test } from 'vitest';

import { runCli, type CliRun } from './run-cli.ts';
import {
  CONFIRMED,
  DECLINED,
  startStubMediator,
  STUCK,
  type StubMediator,
  type StubOptions,
} from './stub-mediator.ts';

const stubs: StubMediator[] = [];
afterAll(async () => {
  for (const stub of stubs) await stub[Symbol.asyncDispose]();
});

async function order(
  options: StubOptions,
  ...args: string[]
): Promise<CliRun & { mediator: StubMediator }> {
  const mediator = await startStubMediator(options);
  stubs.push(mediator);
  const env = { WONDERLAND_URL: mediator.url };
  return { ...(await runCli(['order', ...args], { env })), mediator };
}

const ORDER_ID = '01980000-0000-7000-8000-000000000001';

test('a confirmed order is followed step by step, and the next command is named', async () => {
  const { code, stdout, stderr, mediator } = await order({ steps: CONFIRMED }, '--book', '42');
  expect(code).toBe(0);
  expect(stdout).toContain(`Order ${ORDER_ID} confirmed in 15 ms`);
  for (const { event } of CONFIRMED) expect(stderr).toContain(event);
  expect(stderr).toContain(`wonderland trace ${ORDER_ID}`);
  expect(mediator.placed[0]?.order).toEqual({
    customerId: 'alice',
    lines: [{ bookId: 42, quantity: 1 }],
    payment: { kind: 'visa', token: 'tok_visa' },
  });
});

test('several books, quantities, a customer and a card make one order', async () => {
  const flags = ['-b', '42=2', '-b', '7', '-c', 'hatter', '--card', '5555 5555 5555 4444'];
  const { mediator } = await order({ steps: CONFIRMED }, ...flags);
  expect(mediator.placed[0]?.order).toEqual({
    customerId: 'hatter',
    lines: [
      { bookId: 42, quantity: 2 },
      { bookId: 7, quantity: 1 },
    ],
    payment: { kind: 'mastercard', token: 'tok_mastercard' },
  });
});

test('a declined card shows what was undone, is no failure, and says what to try', async () => {
  const { code, stdout, stderr } = await order({ steps: DECLINED }, '--book', '42');
  expect(code).toBe(0);
  expect(stdout).toContain('rejected: insufficient_funds');
  expect(stdout).toContain("1 × The Hitchhiker's Guide to the Galaxy; nothing was charged");
  expect(stderr).toMatch(/declined[\s\S]*↩ released[\s\S]*rejected/);
  expect(stderr).toContain('--card visa');
});

test('with --fail-on-reject it ends with 11, and --json carries the order', async () => {
  const { code, stdout } = await order(
    { steps: DECLINED },
    '-b',
    '42',
    '--fail-on-reject',
    '--json',
  );
  expect(code).toBe(11);
  expect(JSON.parse(stdout)).toMatchObject({
    command: 'order',
    status: 'error',
    error: { code: 'order-rejected', details: { order: { id: ORDER_ID, status: 'rejected' } } },
  });
});

test('with --json the result is one document', async () => {
  const { code, stdout } = await order({ steps: CONFIRMED }, '--book', '42', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    command: 'order',
    status: 'ok',
    result: {
      order: { id: ORDER_ID, status: 'confirmed' },
      durationMs: 15,
      next: `wonderland trace ${ORDER_ID}`,
    },
  });
});

test('an order that waits for a stopped part says which, and ends with 5 and its id', async () => {
  const flags = ['--book', '42', '--timeout', '3s'];
  const { code, stderr } = await order({ steps: STUCK, down: ['payment'] }, ...flags);
  expect(code).toBe(5);
  expect(stderr).toContain('payment does not answer');
  expect(stderr).toContain('wonderland restart payment');
  expect(stderr).toContain(ORDER_ID);
  expect(stderr).toContain('Nothing is lost');
});

test('a lost answer is asked for again under the same key', async () => {
  const { code, mediator } = await order({ steps: CONFIRMED, lostPosts: 2 }, '--book', '42');
  expect(code).toBe(0);
  expect(mediator.placed).toHaveLength(3);
  expect(new Set(mediator.placed.map(({ key }) => key)).size).toBe(1);
});

test('an outcome that stays unknown names the key to repeat it with', async () => {
  const flags = ['--book', '42', '--timeout', '1s', '--idempotency-key', 'k-1'];
  const { code, stderr } = await order({ steps: CONFIRMED, lostPosts: 100 }, ...flags);
  expect(code).toBe(6);
  expect(stderr).toContain('--idempotency-key k-1');
});

test('--no-wait prints the order as it was taken in', async () => {
  const { code, stdout, stderr } = await order({ steps: STUCK }, '--book', '42', '--no-wait');
  expect(code).toBe(0);
  expect(stdout).toContain(ORDER_ID);
  expect(stderr).toContain(`wonderland order show ${ORDER_ID}`);
});

test.each([
  [['--book', '4242'], 'There is no book "4242"'],
  [['--book', 'hitch'], '--book 42 (The Hitchhiker'],
  [['--book', '42', '--customer', 'alise'], 'Did you mean "alice"?'],
  [['--book', '42', '--customer', 'No Body'], 'There is no customer "No Body"'],
  [['--book', '42', '--card', '4111111111111111'], 'Test cards: visa'],
])('%j is refused before anything is sent', async (args, message) => {
  const { code, stdout, stderr, mediator } = await order({ steps: CONFIRMED }, ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('4111');
  expect(mediator.placed).toEqual([]);
});

test('Ctrl-C while an order is followed ends with 130 and says that it goes on', async () => {
  const mediator = await startStubMediator({ steps: STUCK });
  stubs.push(mediator);
  const { code, stderr } = await runCli(['order', '--book', '42'], {
    env: { WONDERLAND_URL: mediator.url },
    meanwhile: (child) => {
      child.stderr?.on('data', (text: string) => {
        if (text.includes('reserved')) child.kill('SIGINT');
      });
    },
  });
  expect(code).toBe(130);
  expect(stderr).toContain(`order ${ORDER_ID} goes on`);
});

/** One confirmed order, and then a command about it. */
async function withOrder(
  options: Partial<StubOptions>,
  run: (env: Readonly<Record<string, string>>) => Promise<void>,
): Promise<void> {
  const { mediator } = await order({ steps: CONFIRMED, ...options }, '--book', '42');
  await run({ WONDERLAND_URL: mediator.url });
}

test('a cancelled order is followed from the request on, and what is given back is told', async () => {
  await withOrder({}, async (env) => {
    const { code, stdout, stderr } = await runCli(['order', 'cancel', ORDER_ID], { env });
    expect(code).toBe(0);
    expect(stdout).toContain(`Order ${ORDER_ID} cancelled in 4.00 s`);
    expect(stdout).toContain('12.99 EUR given back');
    expect(stderr).toMatch(/^↩ cancel-requested[\s\S]*refunded[\s\S]*released[\s\S]*notified/);
    expect(stderr).not.toContain('reserved');
    const again = await runCli(['order', 'cancel', ORDER_ID], { env });
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('is cancelled already');
  });
});

test('order cancel with --json is one document, with --no-wait it only asks', async () => {
  await withOrder({}, async (env) => {
    const asked = await runCli(['order', 'cancel', ORDER_ID, '--no-wait'], { env });
    expect(asked.stdout).toContain(`Order ${ORDER_ID} is being cancelled: refunding.`);
    expect(asked.stderr).toContain(`wonderland order show ${ORDER_ID}`);
    const { code, stdout } = await runCli(['order', 'cancel', ORDER_ID, '--json'], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'order cancel',
      result: {
        order: { id: ORDER_ID, status: 'cancelled' },
        refundedCents: 1_299,
        already: true,
        next: `wonderland trace ${ORDER_ID}`,
      },
    });
  });
});

test('what cannot be cancelled ends with 2: shipped, mistyped, unknown', async () => {
  await withOrder({ shipped: true }, async (env) => {
    const cancel = (id: string): Promise<CliRun> => runCli(['order', 'cancel', id], { env });
    const shipped = await cancel(ORDER_ID);
    expect(shipped.code).toBe(2);
    expect(shipped.stderr).toContain('is shipped: it cannot be cancelled');
    const mistyped = await cancel(ORDER_ID.replace(/1$/, '7'));
    expect(mistyped.code).toBe(2);
    expect(mistyped.stderr).toContain(`Did you mean ${ORDER_ID}?`);
    expect((await cancel('ffffffff-ffff-7fff-8fff-ffffffffffff')).stderr).not.toContain('mean');
    expect((await cancel('nonsense')).stderr).toContain('is not the id of an order');
  });
});

test('an order that rests says when it ships, and how to cancel it until then', async () => {
  await withOrder({ shipsAt: Date.now() + 600_000 }, async (env) => {
    const { stdout } = await runCli(['order', 'show', ORDER_ID], { env });
    expect(stdout).toMatch(/Ships in \d+ min \d+ s, at 2\d{3}-/);
    expect(stdout).toContain(`until then: wonderland order cancel ${ORDER_ID}`);
  });
});

test('orders --stuck says who owes an answer, why, how often it was asked, and what to do', async () => {
  const waiting = {
    steps: [{ step: 'charge', service: 'payment' }],
    attempt: 9,
    since: Date.now() - 125_000,
    nextAttemptAt: Date.now() + 20_000,
    trouble: 'the provider is away',
  };
  await withOrder({ waiting }, async (env) => {
    const { code, stdout, stderr } = await runCli(['orders', '--stuck'], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /payment \(charge\) +2 min \d+ s +9 × +again in \d+\.\d s +the provider/,
    );
    expect(stderr).toContain(`wonderland logs payment --order ${ORDER_ID}`);
    const json = await runCli(['orders', '--stuck', '--json'], { env });
    expect(JSON.parse(json.stdout).result.orders).toMatchObject([{ id: ORDER_ID, waiting }]);
    const shown = await runCli(['order', 'show', ORDER_ID], { env });
    expect(shown.stdout).toContain('payment was asked 9 times in 2 min');
  });
  await withOrder({}, async (env) => {
    const { stdout } = await runCli(['orders', '--stuck'], { env });
    expect(stdout).toBe('No order is stuck.\n');
  });
});

test('a stuck order whose command is a dead letter leads to the dead letters', async () => {
  const waiting = {
    steps: [{ step: 'commit', service: 'inventory' }],
    attempt: 4,
    since: Date.now() - 90_000,
    nextAttemptAt: Date.now() - 60_000,
    trouble: 'dead-lettered: given-up',
  };
  await withOrder({ waiting }, async (env) => {
    const { stdout, stderr } = await runCli(['orders', '--stuck'], { env });
    expect(stdout).toContain('again when a mediator is there');
    expect(stderr).toContain('wonderland dlq list');
  });
});
