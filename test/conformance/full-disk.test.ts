// Goal: a broker whose disk is full confirms nothing, says so, goes on, and loses nothing. Method: a real small disk.
import path from 'node:path';

import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { startBroker, type Broker } from '../../src/broker/broker.ts';
import { ClosingStack } from '../../src/kernel/closing.ts';
import { liveClock } from '../../src/kernel/live.ts';
import { SmallDisk } from '../support/small-disk.ts';

let closing: ClosingStack;
let disk: SmallDisk;
const lines: string[] = [];

beforeEach((context) => {
  closing = new ClosingStack();
  const small = SmallDisk.mount(8);
  context.skip(small === undefined, 'only root may mount a small disk');
  if (small === undefined) return;
  disk = small;
  closing.defer(() => small[Symbol.dispose]());
  lines.length = 0;
});
afterEach(() => closing[Symbol.asyncDispose]());

const start = (): Promise<Broker> =>
  startBroker({
    port: 0,
    dataFile: path.join(disk.directory, 'broker.db'),
    clock: liveClock,
    log: { log: (level, text) => void (level !== 'debug' && lines.push(`${level} ${text}`)) },
  });

interface Client {
  readonly model: ChannelModel;
  readonly channel: ConfirmChannel;
  /** What the broker said of its state, in order. */
  readonly said: string[];
}

async function open({ url }: Broker): Promise<Client> {
  const model = await connect(url, { noDelay: true });
  const said: string[] = [];
  model.on('blocked', (reason) => said.push(`blocked: ${reason}`));
  model.on('unblocked', () => said.push('unblocked'));
  model.on('error', () => undefined);
  const channel = await model.createConfirmChannel();
  channel.on('error', () => undefined);
  await channel.assertQueue('kept', { durable: true });
  return { model, channel, said };
}

const publish = (channel: ConfirmChannel, body: string): Promise<'ack' | 'nack'> =>
  new Promise((resolve) => {
    const content = Buffer.from(body.padEnd(40_000));
    channel.sendToQueue('kept', content, { persistent: true }, (error) =>
      resolve(error === null ? 'ack' : 'nack'),
    );
  });

async function takeAll({ channel }: Client): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (;;) {
    const message = await channel.get('kept', { noAck: true });
    if (message === false) return bodies;
    bodies.push(message.content.toString().trimEnd());
  }
}

/** Publishes until the disk takes no more; answers what was confirmed. */
async function publishUntilFull({ channel }: Client): Promise<string[]> {
  const confirmed: string[] = [];
  for (let next = 0; ; next++) {
    if ((await publish(channel, `message ${next}`)) === 'nack') return confirmed;
    confirmed.push(`message ${next}`);
  }
}

describe('our broker on a full disk', () => {
  test('refuses what it cannot write, says so, and goes on when there is room', async () => {
    const broker = closing.use(await start());
    const client = await open(broker);
    const confirmed = await publishUntilFull(client);
    expect(confirmed.length).toBeGreaterThan(0);
    await expect.poll(() => client.said).toEqual(['blocked: low on disk']);

    // A second publisher is refused and told as well; who only reads is served.
    disk.fill();
    const other = await open(broker);
    expect(await publish(other.channel, 'too early')).toBe('nack');
    await expect.poll(() => other.said).toEqual(['blocked: low on disk']);
    const reader = await open(broker);
    const first = await reader.channel.get('kept');
    expect(first === false ? '' : first.content.toString().trimEnd()).toBe('message 0');
    if (first !== false) reader.channel.ack(first);

    // The tables themselves have filled the disk: only a larger one has room.
    disk.grow(16);
    await expect.poll(() => client.said).toContain('unblocked');
    await expect.poll(() => other.said).toContain('unblocked');
    expect(await publish(client.channel, 'again')).toBe('ack');
    expect(lines.filter((line) => line.startsWith('warn'))).toHaveLength(1);

    await broker[Symbol.asyncDispose]();
    const found = await takeAll(await open(closing.use(await start())));
    const lost = [...confirmed.slice(1), 'again'].filter((body) => !found.includes(body));
    expect(lost).toEqual([]);
    // Its acknowledgement could be written in the end.
    expect(found).not.toContain('message 0');
  }, 30_000);

  test('that is stopped there keeps what it confirmed', async () => {
    const broker = await start();
    const confirmed = await publishUntilFull(await open(broker));
    await broker[Symbol.asyncDispose]();
    disk.grow(16);
    const found = await takeAll(await open(closing.use(await start())));
    expect(confirmed.filter((body) => !found.includes(body))).toEqual([]);
  }, 30_000);
});
