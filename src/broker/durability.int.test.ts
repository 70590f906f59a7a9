import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { liveClock, liveRandom } from '../kernel/live.ts';
import { seededRandom } from '../kernel/random.ts';

const PROCESS = new URL('../../test/support/broker-process.ts', import.meta.url);
/** Publishes that wait for their confirm at any time. */
const IN_FLIGHT = 64;

let folder: string;
let broker: ChildProcess;
let url: string;

async function start(): Promise<void> {
  broker = fork(PROCESS, ['0', join(folder, 'broker.db')], { execArgv: ['--import', 'tsx'] });
  const [message] = (await once(broker, 'message')) as [string];
  url = message;
}

async function kill(): Promise<void> {
  const gone = once(broker, 'exit');
  broker.kill('SIGKILL');
  await gone;
}

async function stop(): Promise<void> {
  const gone = once(broker, 'exit');
  broker.send('stop');
  await gone;
}

interface Client {
  readonly model: ChannelModel;
  readonly channel: ConfirmChannel;
  /** Resolves with the reason when the connection is gone. */
  readonly closed: Promise<Error | undefined>;
}

/** A connection whose loss is expected. */
async function open(): Promise<Client> {
  const model = await connect(url, { noDelay: true });
  model.on('error', () => undefined);
  const closed = new Promise<Error | undefined>((resolve) => model.once('close', resolve));
  const channel = await model.createConfirmChannel();
  channel.on('error', () => undefined);
  return { model, channel, closed };
}

/** Publishes numbered messages until the connection is lost; what is confirmed is added to the set. */
async function publishUntilLost(queue: string, confirmed: Set<string>): Promise<void> {
  const { channel, closed } = await open();
  await channel.assertQueue(queue, { durable: true });
  let next = confirmed.size * 1_000;
  const publish = (): void => {
    const body = String(next++);
    try {
      channel.sendToQueue(queue, Buffer.from(body), { persistent: true }, (error) => {
        if (error !== null) return;
        confirmed.add(body);
        publish();
      });
    } catch {
      // The channel is gone, as it should be.
    }
  };
  for (let i = 0; i < IN_FLIGHT; i++) publish();
  await closed;
}

/** Acks what it gets until the connection is lost. */
async function consumeUntilLost(queue: string, received: Set<string>): Promise<void> {
  const { channel, closed } = await open();
  await channel.assertQueue(queue, { durable: true });
  await channel.prefetch(20);
  await channel.consume(queue, (message) => {
    if (message === null) return;
    received.add(message.content.toString());
    channel.ack(message);
  });
  await closed;
}

/** Takes everything out of a queue: bodies, and those marked as redelivered. */
async function empty(queue: string): Promise<{ bodies: string[]; redelivered: string[] }> {
  const { model, channel } = await open();
  const bodies: string[] = [];
  const redelivered: string[] = [];
  for (;;) {
    const message = await channel.get(queue, { noAck: true });
    if (message === false) break;
    bodies.push(message.content.toString());
    if (message.fields.redelivered) redelivered.push(message.content.toString());
  }
  await model.close();
  return { bodies, redelivered };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wonderland-broker-'));
  await start();
});

afterEach(async () => {
  if (broker.exitCode === null && broker.signalCode === null) await kill();
  await rm(folder, { recursive: true });
});

describe('a killed broker', () => {
  const seed = liveRandom.integer(1, 1_000_000);

  test(`has every confirmed message after its restart, in order (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const confirmed = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const publishing = publishUntilLost('kept', confirmed);
      const before = confirmed.size;
      await expect.poll(() => confirmed.size, { interval: 5 }).toBeGreaterThan(before + 200);
      await liveClock.sleep(random.integer(0, 300));
      await kill();
      await publishing;
      await start();
    }
    const { bodies } = await empty('kept');
    const present = new Set(bodies);
    expect([...confirmed].filter((body) => !present.has(body))).toEqual([]);
    expect(bodies).toEqual(bodies.toSorted((left, right) => Number(left) - Number(right)));
    expect(present.size).toBe(bodies.length);
  });

  test('loses nothing that was confirmed while a consumer was acking', async () => {
    const [confirmed, received] = [new Set<string>(), new Set<string>()];
    const busy = Promise.all([
      consumeUntilLost('worked', received),
      publishUntilLost('worked', confirmed),
    ]);
    await expect.poll(() => received.size, { interval: 5 }).toBeGreaterThan(2_000);
    await kill();
    await busy;
    await start();
    const { bodies, redelivered } = await empty('worked');
    const present = new Set([...bodies, ...received]);
    expect([...confirmed].filter((body) => !present.has(body))).toEqual([]);
    // A message that was seen before never comes back as if it were new.
    expect(bodies.filter((body) => received.has(body) && !redelivered.includes(body))).toEqual([]);
  });

  test('keeps durable exchanges and bindings, and forgets the rest', async () => {
    const { channel, closed } = await open();
    await channel.assertExchange('lasting', 'topic', { durable: true });
    await channel.assertExchange('passing', 'topic', { durable: false });
    await channel.assertQueue('lasting', { durable: true, arguments: { 'x-max-length': 5 } });
    await channel.assertQueue('passing', { durable: false });
    await channel.bindQueue('lasting', 'lasting', 'a.#');
    await kill();
    await closed;
    await start();
    const again = await open();
    again.channel.publish('lasting', 'a.b', Buffer.from('x'), { persistent: false });
    await again.channel.waitForConfirms();
    const same = { durable: true, arguments: { 'x-max-length': 5 } };
    expect((await again.channel.assertQueue('lasting', same)).messageCount).toBe(1);
    await expect(again.channel.checkQueue('passing')).rejects.toThrow("no queue 'passing'");
    await again.model.close();
  });
});

describe('a broker that was stopped', () => {
  test('tells its clients, which see an orderly end', async () => {
    const { model, closed } = await open();
    const errors: unknown[] = [];
    model.on('error', (error) => errors.push(error));
    await stop();
    expect((await closed)?.message).toContain(
      "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'",
    );
    expect(errors).toEqual([]);
  });

  test('marks as redelivered what was delivered, and only that', async () => {
    const { channel } = await open();
    const quorum = { 'x-queue-type': 'quorum', 'x-delivery-limit': 10 };
    await channel.assertQueue('plain', { durable: true });
    await channel.assertQueue('counted', { durable: true, arguments: quorum });
    for (const queue of ['plain', 'counted']) {
      for (const body of ['seen', 'new']) {
        channel.sendToQueue(queue, Buffer.from(body), { persistent: true });
      }
    }
    await channel.waitForConfirms();
    await channel.get('plain');
    await channel.get('counted');
    await stop();
    await start();
    expect(await empty('plain')).toEqual({ bodies: ['seen', 'new'], redelivered: ['seen'] });
    const again = await open();
    const message = await again.channel.get('counted', { noAck: true });
    expect(message === false ? message : message.properties.headers).toEqual({
      'x-delivery-count': 1,
    });
    await again.model.close();
  });

  test('does not write transient messages or exclusive queues', async () => {
    const { channel } = await open();
    await channel.assertQueue('kept', { durable: true });
    await channel.assertQueue('mine', { durable: true, exclusive: true });
    channel.sendToQueue('kept', Buffer.from('transient'), { persistent: false });
    channel.sendToQueue('mine', Buffer.from('x'), { persistent: true });
    await channel.waitForConfirms();
    await stop();
    await start();
    expect((await empty('kept')).bodies).toEqual([]);
    const again = await open();
    await expect(again.channel.checkQueue('mine')).rejects.toThrow("no queue 'mine'");
    await again.model.close();
  });
});
