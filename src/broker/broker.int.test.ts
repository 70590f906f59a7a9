import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { connect, type ConsumeMessage } from 'amqplib';
import { afterEach, describe, expect, test } from 'vitest';

import { RawClient } from '../../test/conformance/raw-client.ts';
import { ClosingStack } from '../kernel/closing.ts';
import { liveClock, liveRandom } from '../kernel/live.ts';
import { seededRandom } from '../kernel/random.ts';
import { startBroker, type Broker, type BrokerOptions } from './broker.ts';
import { FRAME_BODY, FRAME_HEADER, FRAME_METHOD, frameOf } from './codec/frames.ts';
import { encodeMethod } from './codec/method-codec.ts';
import { EMPTY_TABLE } from './codec/field-table.ts';
import { encodeHeader } from './codec/properties.ts';

const opened = new ClosingStack();
afterEach(() => opened[Symbol.asyncDispose]());

const start = async (options: Partial<BrokerOptions> = {}): Promise<Broker> =>
  opened.use(await startBroker({ port: 0, clock: liveClock, ...options }));

async function open(url: string): Promise<Awaited<ReturnType<typeof connect>>> {
  const model = await connect(url, { noDelay: true });
  model.on('error', () => undefined);
  opened.defer(() => model.close().catch(() => undefined));
  return model;
}

describe('a broker', () => {
  test('knows the users and virtual hosts it was given, and no others', async () => {
    const broker = await start({ users: { alice: 'p@ss:/word' }, vhosts: ['tea'] });
    expect(broker.url).toBe(`amqp://alice:p%40ss%3A%2Fword@127.0.0.1:${broker.port}`);
    const root = await (await open(broker.url)).createChannel();
    const tea = await (await open(`${broker.url}/tea`)).createChannel();
    await root.assertQueue('same-name');
    await tea.assertQueue('same-name', { durable: false });
    expect(broker.queues().map(({ vhost, name }) => `${vhost} ${name}`)).toEqual([
      '/ same-name',
      'tea same-name',
    ]);
    await expect(connect(broker.url.replace('alice', 'guest'))).rejects.toThrow(/ACCESS.REFUSED/);
    await expect(connect(`${broker.url}/nope`)).rejects.toThrow(/ConnectionClose/);
  });

  test('tells tools what its queues hold', async () => {
    const broker = await start();
    const channel = await (await open(broker.url)).createConfirmChannel();
    await channel.assertQueue('q');
    for (let i = 0; i < 3; i++) channel.sendToQueue('q', Buffer.from('x'));
    await channel.waitForConfirms();
    await channel.get('q');
    await channel.prefetch(1);
    await channel.consume('q', () => undefined);
    const info = { vhost: '/', name: 'q', ready: 1, unacked: 2, consumers: 1 };
    expect(broker.queues()).toEqual([info]);
  });

  test('says which port is taken, and by whom its data file may be held', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wonderland-broker-'));
    opened.defer(() => rm(folder, { recursive: true }));
    const dataFile = join(folder, 'broker.db');
    const { port } = await start({ dataFile });
    await expect(start({ port })).rejects.toMatchObject({ code: 'port-taken' });
    await expect(start({ dataFile })).rejects.toMatchObject({
      code: 'environment',
      hint: expect.stringContaining('another broker') as string,
    });
  });

  test('carries large messages unharmed', async () => {
    const broker = await start();
    const channel = await (await open(broker.url)).createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    const body = Buffer.from(Uint8Array.from({ length: 5_000_000 }, (_, i) => i % 251));
    const arrived = new Promise<ConsumeMessage | null>((resolve) => {
      void channel.consume(queue, resolve, { noAck: true });
    });
    channel.sendToQueue(queue, body, { headers: { size: body.length } });
    expect((await arrived)?.content.equals(body)).toBe(true);
  });

  test('serves a hundred connections that come and go', async () => {
    const broker = await start();
    const visit = async (): Promise<void> => {
      const model = await connect(broker.url, { noDelay: true });
      const channel = await model.createChannel();
      const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true });
      const arrived = new Promise((resolve) => void channel.consume(queue, resolve));
      channel.sendToQueue(queue, Buffer.from('x'));
      await arrived;
      await model.close();
    };
    await Promise.all(Array.from({ length: 100 }, visit));
    expect(broker.queues()).toEqual([]);
  });
});

describe('under pressure', () => {
  test('messages for a client that does not read stay in their queue', async () => {
    const broker = await start();
    await using slow = await RawClient.open(broker.url);
    await slow.ask('queue.declare', { queue: 'q' });
    await slow.ask('basic.consume', { queue: 'q', noAck: true });
    slow.stopReading();
    const channel = await (await open(broker.url)).createConfirmChannel();
    const body = Buffer.alloc(64 * 1024);
    for (let i = 0; i < 500; i++) channel.sendToQueue('q', body);
    await channel.waitForConfirms();
    const [queue] = broker.queues();
    expect(queue?.ready).toBeGreaterThan(200);
    slow.resumeReading();
    await expect.poll(() => broker.queues()[0]?.ready, { timeout: 10_000 }).toBe(0);
  });

  test('publishers wait while too much is held, and are told so', async () => {
    const broker = await start({ memoryLimitBytes: 1_000_000 });
    const model = await open(broker.url);
    const channel = await model.createConfirmChannel();
    await channel.assertQueue('q');
    const blocked = once(model, 'blocked');
    const unblocked = once(model, 'unblocked');
    const body = Buffer.alloc(100_000);
    for (let i = 0; i < 30; i++) channel.sendToQueue('q', body);
    expect(await blocked).toEqual(['low on memory']);
    expect(broker.queues()[0]?.ready).toBeLessThan(30);
    const other = await (await open(broker.url)).createChannel();
    await other.consume('q', () => undefined, { noAck: true });
    await unblocked;
    await channel.waitForConfirms();
    await expect.poll(() => broker.queues()[0]?.ready).toBe(0);
  });
});

describe('nonsense', () => {
  const seed = liveRandom.integer(1, 1_000_000);

  test(`never brings the broker down (seed ${seed})`, { timeout: 60_000 }, async () => {
    const random = seededRandom(seed);
    const broker = await start();
    const valid = Buffer.concat([
      frameOf(FRAME_METHOD, 1, declareQueue('fuzz')),
      frameOf(FRAME_METHOD, 1, publishTo('fuzz')),
      frameOf(FRAME_HEADER, 1, encodeHeader({ deliveryMode: 2, expiration: '5', replyTo: 'r' }, 5)),
      frameOf(FRAME_BODY, 1, Buffer.from('hello')),
    ]);
    for (let round = 0; round < 300; round++) {
      await using client = await RawClient.open(broker.url);
      const bytes = Buffer.from(valid);
      for (let i = random.integer(1, 4); i > 0; i--) {
        bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
      }
      client.sendBytes(bytes);
      client.sendFrame(FRAME_METHOD, encodeMethod('connection.close', NO_REASON), 0);
    }
    const channel = await (await open(broker.url)).createChannel();
    expect(await channel.assertQueue('alive')).toMatchObject({ messageCount: 0 });
  });
});

const NO_REASON = { replyCode: 200, replyText: '', classId: 0, methodId: 0 };

function declareQueue(queue: string): Buffer {
  const flags = { passive: false, durable: false, exclusive: false, autoDelete: false };
  const dead = { type: 'S', value: Buffer.from('') } as const;
  const args = new Map([...EMPTY_TABLE, ['x-dead-letter-exchange', dead]]);
  return encodeMethod('queue.declare', {
    ticket: 0,
    queue,
    ...flags,
    nowait: false,
    arguments: args,
  });
}

function publishTo(routingKey: string): Buffer {
  const fields = { ticket: 0, exchange: '', mandatory: true, immediate: false };
  return encodeMethod('basic.publish', { ...fields, routingKey });
}
