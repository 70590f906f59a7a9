/** Dead letters at the command line, against a real embedded stack whose payment service is away at first. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { env } from 'node:process';

import { connect, type Channel, type ChannelModel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { DeadLetterView } from '../../src/contracts/dead-letters.ts';
import type { OrderDetail } from '../../src/contracts/orders.ts';
import type { CliRun } from './run-cli.ts';
import { StackHome } from './stack-home.ts';

interface Failure {
  readonly error: { readonly code: string; readonly hint?: string };
}

interface Outcome {
  readonly done: readonly DeadLetterView[];
  readonly left: number;
}

const BIN = path.resolve(import.meta.dirname, '../../bin/wonderland.js');

let home: StackHome;
let connection: ChannelModel;
let channel: Channel;

const cli = (...args: string[]): Promise<CliRun> => home.cli(args);

/** The one document of a command that succeeds. */
async function json<Result>(...args: string[]): Promise<Result> {
  const { code, stdout, stderr } = await cli(...args, '--json');
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
  return (JSON.parse(stdout) as { result: Result }).result;
}

/** The one document of a command that fails. */
async function failure(...args: string[]): Promise<Failure & { readonly exit: number | null }> {
  const { code, stdout } = await cli(...args, '--json');
  return { ...(JSON.parse(stdout) as Failure), exit: code };
}

const list = (...flags: string[]): Promise<{ deadLetters: DeadLetterView[]; total: number }> =>
  json('dlq', 'list', ...flags);

async function arrived(...flags: string[]): Promise<DeadLetterView> {
  await expect.poll(async () => (await list(...flags)).total).toBe(1);
  const [letter] = (await list(...flags)).deadLetters;
  if (letter === undefined) throw new Error('it went again');
  return letter;
}

const garbage = (type: string, content = '{"half":'): void =>
  void channel.sendToQueue('inventory.commands', Buffer.from(content), { type, messageId: type });

beforeAll(async () => {
  home = await StackHome.open();
  await home.running('--engine', 'embedded', '--except', 'payment');
  const { stdout } = await cli('env', '--format', 'json');
  const { WONDERLAND_AMQP_URL: url } = JSON.parse(stdout) as { WONDERLAND_AMQP_URL: string };
  connection = await connect(url);
  channel = await connection.createChannel();
});

afterAll(async () => {
  await connection.close().catch(() => undefined);
  await home[Symbol.asyncDispose]();
});

describe('wonderland dlq', () => {
  test('says so when there is nothing', async () => {
    const { code, stdout } = await cli('dlq', 'list');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'No dead letters: every message found its way.\n',
    });
    expect(await list()).toEqual({ deadLetters: [], total: 0 });
    expect(await json('dlq', 'retry', '--all')).toMatchObject({ done: [], failed: [], left: 0 });
  });

  test('garbage is listed, shown and dropped', async () => {
    garbage('jabberwock', 'snicker-\u001b[31msnack');
    const letter = await arrived('--type', 'jabberwock');
    expect(letter).toMatchObject({ reason: 'unparsable', service: 'inventory', state: 'dead' });
    const { stdout, stderr } = await cli('dlq', 'list', '--reason', 'unparsable');
    expect(stdout).toContain(letter.id);
    expect(stderr).toContain(`dlq show ${letter.id}`);
    const shown = await cli('dlq', 'show', letter.id.slice(0, 6));
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('snicker-\u{FFFD}[31msnack');
    expect(shown.stdout).toContain('inventory.commands');
    const dry = await cli('dlq', 'drop', letter.id, '--dry-run');
    expect(dry.stdout).toContain('Would be dropped: 1 dead letter');
    expect(await failure('dlq', 'drop', letter.id)).toMatchObject({
      exit: 2,
      error: { code: 'input-missing', hint: expect.stringContaining('--yes') },
    });
    expect((await list()).total).toBe(1);
    expect(await json<Outcome>('dlq', 'drop', letter.id, '--yes')).toMatchObject({
      done: [{ id: letter.id }],
    });
    expect((await list()).total).toBe(0);
  });

  test('a selection takes what matches and nothing else', async () => {
    garbage('tweedledum');
    garbage('tweedledee');
    await arrived('--type', 'tweedledum');
    await arrived('--type', 'tweedledee');
    const dropped = await json<Outcome>('dlq', 'drop', '--type', 'tweedledum', '-y');
    expect(dropped.done.map((each) => each.type)).toEqual(['tweedledum']);
    expect((await list('--type', 'tweedledee')).total).toBe(1);
    const { stdout, stderr } = await cli('dlq', 'list', '--type', 'tweedledie');
    expect(stdout).toBe('No dead letter is like that.\n');
    expect(stderr).toContain('Did you mean "tweedledee"?');
    await json('dlq', 'drop', '--all', '-y');
    expect((await list()).total).toBe(0);
  });

  test.each([
    [['dlq', 'show', '0123456789abcdef'], 'unknown-dead-letter'],
    [['dlq', 'retry', '0123456789abcdef'], 'unknown-dead-letter'],
    [['dlq', 'drop', 'rabbit-hole', '--yes'], 'unknown-dead-letter'],
    [['dlq', 'lsit'], 'usage'],
    [['dlq', 'retry'], 'input-missing'],
    [['dlq', 'retry', '--all', '--type', 'x'], 'usage'],
    [['dlq', 'list', '--reason', 'given-upp'], 'usage'],
    [['dlq', 'list', '--order', 'x'], 'unknown-order'],
  ])('%j ends with 2 and one document that says %s', async (args, code) => {
    const seen = await failure(...args);
    expect(seen).toMatchObject({ exit: 2, error: { code, hint: expect.any(String) } });
  });

  test('an id that is nearly right is suggested, and ids are completed', async () => {
    garbage('white-rabbit');
    const { id } = await arrived('--type', 'white-rabbit');
    const swapped = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
    const { error } = await failure('dlq', 'show', swapped);
    expect(error).toMatchObject({ code: 'unknown-dead-letter', hint: `Did you mean "${id}"?` });
    // A completion that takes more than half a second offers nothing: a busy machine is asked again.
    const completed = async (...args: string[]): Promise<string> =>
      (await cli('__complete', '--', 'dlq', ...args)).stdout;
    await expect
      .poll(() => completed('retry', id.slice(0, 3)))
      .toBe(`${id}\tunparsable: white-rabbit\n`);
    await expect.poll(() => completed('list', '--reason', 'given')).toBe('given-up\n');
    await json('dlq', 'drop', id, '-y');
  });

  test('a charge that was dead-lettered is sent again, and its order completes', async () => {
    const { consumerTag } = await channel.consume('payment.commands', (raw) => {
      if (raw !== null) channel.reject(raw, false);
    });
    const { order } = await json<{ order: OrderDetail }>('order', '--book', '42', '--no-wait');
    const letter = await arrived('--order', order.id);
    expect(letter).toMatchObject({ type: 'payment.charge', orderId: order.id });
    await channel.cancel(consumerTag);
    const dry = await cli('dlq', 'retry', '--order', order.id.slice(-8), '--dry-run');
    expect(dry.stdout).toContain('Would be sent again: 1 dead letter');
    const payment = spawn(process.execPath, [BIN, 'service', 'payment'], {
      cwd: home.directory,
      env: { PATH: env['PATH'] ?? '', WONDERLAND_STATE_DIR: home.state },
      stdio: 'ignore',
    });
    try {
      const retried = await cli('dlq', 'retry', letter.id);
      expect(retried.stdout).toContain('✔ Sent again: 1 dead letter');
      expect(retried.stderr).toContain(`order show ${order.id}`);
      await expect
        .poll(async () => (await json<{ order: OrderDetail }>('order', 'show', order.id)).order)
        .toMatchObject({ status: 'confirmed' });
      expect((await list('--order', order.id)).total).toBe(0);
      expect(await list('--order', order.id, '--retried')).toMatchObject({
        deadLetters: [{ id: letter.id, retries: 1 }],
      });
    } finally {
      payment.kill();
      await once(payment, 'exit');
    }
  });
});
