/** The commands of the shop against a real embedded stack, and then against what it left behind. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { LogRecord } from '../../src/contracts/logs.ts';
import type { Mail } from '../../src/contracts/notification.ts';
import type { OrderDetail } from '../../src/contracts/orders.ts';
import type { TraceRow } from '../../src/commands/trace/rows.ts';
import { runCli, type CliOptions, type CliRun } from './run-cli.ts';

const SERVICES = ['customer', 'inventory', 'mediator', 'notification', 'payment'];

let directory = '';
const cli = (args: readonly string[], options: CliOptions = {}): Promise<CliRun> =>
  runCli(args, { ...options, env: { WONDERLAND_STATE_DIR: directory, ...options.env } });

async function json<Result>(...args: string[]): Promise<Result> {
  const { code, stdout, stderr } = await cli([...args, '--json']);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
  return (JSON.parse(stdout) as { result: Result }).result;
}

const place = async (...flags: string[]): Promise<OrderDetail> =>
  (await json<{ order: OrderDetail }>('order', ...flags)).order;

async function available(book: string): Promise<number> {
  const { books } = await json<{ books: { id: number; available: number }[] }>(
    'books',
    '-n',
    '500',
  );
  return books.find((each) => String(each.id) === book)?.available ?? Number.NaN;
}

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'wonderland shop ü-'));
  const { code, stderr } = await cli(['up', '--engine', 'embedded', '--ports', 'auto']);
  if (code !== 0) throw new Error(`no stack: ${stderr}`);
});

afterAll(async () => {
  await cli(['down']);
  rmSync(directory, { recursive: true, force: true });
});

describe('while the stack runs', () => {
  test('an order is confirmed, and stock, history, inbox and trace know it', async () => {
    const before = await available('42');
    const order = await place('--book', '42', '--customer', 'hatter');
    expect(order).toMatchObject({ status: 'confirmed', customerId: 'hatter', open: false });
    expect(order.timeline.map((entry) => entry.event).toSorted()).toEqual([
      'accepted',
      'charged',
      'committed',
      'confirmed',
      'notified',
      'recorded',
      'reserved',
    ]);
    expect(await available('42')).toBe(before - 1);
    const customer = await json<{ orders: { orderId: string }[] }>('customers', 'show', 'hatter');
    expect(customer.orders.map((each) => each.orderId)).toContain(order.id);
    const { mails } = await json<{ mails: Mail[] }>('inbox', '--order', order.id);
    expect(mails).toMatchObject([{ orderId: order.id, to: 'hatter@wonderland.example' }]);
    const { mail } = await json<{ mail: { text: string } }>('inbox', 'show', order.id);
    expect(mail.text).toContain('39.00 EUR');
  });

  test('a confirmed order is taken back: refunded, its copy on the shelf, the history marked, a letter sent', async () => {
    const before = await available('42');
    const { id, shipsAt } = await place('--book', '42', '--customer', 'queen');
    expect(shipsAt).toBeGreaterThan(Date.now());
    const { code, stdout } = await cli(['order', 'cancel', id.slice(-10)]);
    expect(code).toBe(0);
    expect(stdout).toContain('39.00 EUR given back');
    expect(await available('42')).toBe(before);
    const { orders } = await json<{ orders: { orderId: string; cancelledAt?: number }[] }>(
      'customers',
      'show',
      'queen',
    );
    expect(orders.find((each) => each.orderId === id)?.cancelledAt).toBeGreaterThan(0);
    const { mails } = await json<{ mails: Mail[] }>('inbox', '--order', id);
    expect(mails.map((each) => each.template).toSorted()).toEqual(['cancellation', 'invoice']);
    const traced = await json<{ rows: TraceRow[] }>('trace', id);
    const undone = traced.rows.filter((row) => row.mark === 'undone').map((row) => row.what);
    expect(undone).toContain('cancel-requested → customer.cancel-order');
    expect(await json<{ orders: OrderDetail[] }>('orders', '--status', 'cancelled')).toMatchObject({
      orders: [{ id, status: 'cancelled', refundedCents: 3_900 }],
    });
    const late = await cli(['__complete', '--', 'order', 'cancel', '']);
    expect(late.stdout).not.toContain(id);
  });

  test('a trace has the work of every part, and a declined card its compensation', async () => {
    const order = await place('--book', '7', '--card', 'insufficient-funds');
    expect(order).toMatchObject({ status: 'rejected', reason: 'insufficient_funds' });
    const rows = await eventually(
      async () => (await json<{ rows: TraceRow[] }>('trace', order.id)).rows,
      (found) => found.filter((row) => row.kind === 'work').length >= 4,
    );
    const what = rows.map((row) => row.what);
    expect(what).toContain('payment.charge → payment.declined');
    expect(what).toContain('inventory.release → inventory.released');
    expect(rows.find((row) => row.what.startsWith('inventory.release'))?.mark).toBe('undone');
    const durations = rows.flatMap((row) => row.durationMs ?? []);
    expect(Math.min(...durations)).toBeGreaterThan(0);
    const text = await cli(['trace', order.id], { env: { COLUMNS: '80' } });
    for (const line of text.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('logs of an order have records of all services, and every filter narrows them', async () => {
    const order = await place('--book', '1');
    const logs = async (...flags: string[]): Promise<readonly LogRecord[]> => {
      const { stdout } = await cli(['logs', '--json', '--order', order.id, ...flags]);
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as LogRecord);
    };
    const all = await eventually(logs, (found) => partsOf(found).length === SERVICES.length);
    expect(partsOf(all)).toEqual(SERVICES);
    expect(all.map((each) => each.at)).toEqual(
      all.map((each) => each.at).toSorted((a, b) => a - b),
    );
    expect(partsOf(await logs('payment', 'inventory'))).toEqual(['inventory', 'payment']);
    expect(await logs('--level', 'error')).toEqual([]);
    expect(partsOf(await logs('--grep', 'payment.charge →'))).toEqual(['payment']);
    expect(await logs('-n', '2')).toEqual(all.slice(-2));
    expect(await logs('--since', '1d', '--until', '1h')).toEqual([]);
  });

  test('logs -f shows history, then what is said within 200 ms, and Ctrl-C ends it', async () => {
    const seen: LogRecord[] = [];
    const latencies: number[] = [];
    const follower = cli(['logs', '-f', '-n', '3', '--json'], {
      meanwhile: (child) => {
        let rest = '';
        child.stdout?.on('data', (text: string) => {
          const lines = (rest + text).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) {
            const record = JSON.parse(line) as LogRecord;
            seen.push(record);
            latencies.push(Date.now() - record.at);
            if (record.message.includes('notification.sent') && seen.length > 5)
              child.kill('SIGINT');
          }
          if (seen.length === 3) void cli(['order', '--book', '2']);
        });
      },
    });
    const { code } = await follower;
    expect(code).toBe(130);
    expect(seen.length).toBeGreaterThan(8);
    // A poll of the follower, a batch of the logger, and the scheduler of a busy machine.
    expect(Math.min(...latencies.slice(3))).toBeLessThan(200);
  });

  test('completion knows books, customers and orders of the running shop', async () => {
    const complete = async (...words: string[]): Promise<string> =>
      (await cli(['__complete', '--', ...words])).stdout;
    expect(await complete('order', '--book', '42')).toMatch(/^42\tThe Hitchhiker/);
    expect(await complete('order', '--customer', 'hat')).toMatch(/^hatter\t/);
    expect(await complete('order', 'show', '')).toMatch(/^[0-9a-f-]{36}\t/m);
  });

  test.each([
    [['order', '--book', '4242'], 2, 'There is no book "4242"'],
    [['order', '--book', '42', '--customer', 'nobody'], 2, 'There is no customer "nobody"'],
    [['order', 'show', 'nonsense'], 2, 'wonderland orders'],
    [['order', 'show', '01980000-0000-7000-8000-000000000000'], 2, 'no order'],
  ])('`wonderland %j` ends with %i', async (args, expected, message) => {
    const { code, stdout, stderr } = await cli(args);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('a reader that goes away in the middle of the logs is no failure', async () => {
    const pipe = 'node bin/wonderland.js logs --since 1h | head -n 1; echo "${PIPESTATUS[0]}"';
    const shell = spawn('bash', ['--norc', '-c', pipe], {
      env: {
        PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`,
        WONDERLAND_STATE_DIR: directory,
      },
    });
    let output = '';
    for (const stream of [shell.stdout, shell.stderr]) {
      stream.on('data', (text: Buffer) => (output += text.toString()));
    }
    await new Promise((resolve) => shell.on('close', resolve));
    expect(output).toMatch(/^[^\n]+\n0\n$/);
  });
});

describe('after the stack was stopped', () => {
  beforeAll(async () => {
    expect((await cli(['down'])).code).toBe(0);
  });

  test('logs and inbox still show what was', async () => {
    const { code, stdout } = await cli(['logs', '-n', '5', '--json']);
    expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, lines: 5 });
    const { mails } = await json<{ mails: Mail[] }>('inbox', '-n', '2');
    expect(mails).toHaveLength(2);
    expect((await cli(['inbox', 'show'])).stdout).toContain('Subject:');
  });

  test('an order ends with 3 and says how to start the stack', async () => {
    const { code, stderr } = await cli(['order', '--book', '42']);
    expect(code).toBe(3);
    expect(stderr).toContain('wonderland up');
  });
});

function partsOf(records: readonly LogRecord[]): readonly string[] {
  return [...new Set(records.map((record) => record.service))].toSorted();
}

/** Records travel for some milliseconds: asks again until the answer is whole, at most 20 times. */
async function eventually<T>(ask: () => Promise<T>, isWhole: (value: T) => boolean): Promise<T> {
  let value = await ask();
  for (let tries = 0; tries < 20 && !isWhole(value); tries++) value = await ask();
  return value;
}
