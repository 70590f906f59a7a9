// Goal: the bus keeps its three promises over a real broker, and survives the broker's restart.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { release } from '../../src/contracts/inventory.ts';
import { startBroker, type Broker } from '../../src/broker/broker.ts';
import { liveClock, liveIds, liveRandom } from '../../src/kernel/live.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { startProxy } from '../support/proxy.ts';
import { openAmqpBus } from '../../src/messaging/amqp-bus.ts';
import {
  outgoing,
  type Bus,
  type Delivery,
  type IncomingMessage,
  type OutgoingMessage,
} from '../../src/messaging/bus.ts';
import { namesOf } from '../../src/messaging/topology.ts';

const names = namesOf('');
const orderId = '0192f0c1-7d3a-7c3e-9d2e-1a2b3c4d5e6f';

let folder: string;
let broker: Broker;
let bus: Bus;

const startAt = (port: number): Promise<Broker> =>
  startBroker({ port, dataFile: path.join(folder, 'broker.db'), clock: liveClock });

const openBus = (url: string, openWithinMs = 5_000): Promise<Bus> =>
  openAmqpBus({
    url,
    names,
    client: 'test',
    clock: liveClock,
    random: liveRandom,
    logger: silentLogger,
    openWithinMs,
  });

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'wonderland-bus-'));
  broker = await startAt(0);
  bus = await openBus(broker.url);
});

afterEach(async () => {
  await bus[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const message = (options: Partial<OutgoingMessage> = {}): OutgoingMessage =>
  outgoing(
    release,
    { orderId },
    { exchange: names.commands, routingKey: 'inventory', id: `test:${liveIds.hex(4)}`, ...options },
  );

/** Collects deliveries; `next` waits for one. */
function inbox<T>(): { push: (item: T) => void; next: () => Promise<T> } {
  const items: T[] = [];
  const waiting: ((item: T) => void)[] = [];
  return {
    push: (item) => {
      const wake = waiting.shift();
      if (wake === undefined) items.push(item);
      else wake(item);
    },
    next: () => {
      const item = items.shift();
      return item === undefined
        ? new Promise((resolve) => waiting.push(resolve))
        : Promise.resolve(item);
    },
  };
}

const messageOf = (delivery: Delivery): IncomingMessage => {
  if (!delivery.content.ok) throw new Error(delivery.content.reason);
  return delivery.content.message;
};

describe('publishing', () => {
  test('is confirmed when a queue has taken the message, and the envelope arrives whole', async () => {
    const deliveries = inbox<Delivery>();
    await bus.consume(names.queueOf('inventory'), 10, deliveries.push);
    const sent = message({
      id: 'saga:step:do',
      correlationId: orderId,
      replyTo: names.replies,
      attempt: 3,
      run: 'r1',
    });
    expect(await bus.publish(sent)).toEqual({ outcome: 'confirmed' });
    const delivery = await deliveries.next();
    const { durable: _durable, ...envelope } = sent;
    expect(messageOf(delivery)).toMatchObject({ ...envelope, sender: 'test' });
    delivery.ack();
  });

  test('is refused when no queue takes it', async () => {
    const outcome = await bus.publish(message({ routingKey: 'nobody' }));
    expect(outcome).toEqual({
      outcome: 'refused',
      reason: 'no queue takes it',
      isUnroutable: true,
    });
  });

  test('is unknown when the connection goes before the answer', async () => {
    await using proxy = await startProxy(broker.port);
    await using cut = await openBus(`amqp://guest:guest@127.0.0.1:${proxy.port}`);
    expect(await cut.publish(message())).toEqual({ outcome: 'confirmed' });
    proxy.mute();
    const publishing = Promise.all([cut.publish(message()), cut.publish(message())]);
    proxy.cut();
    expect((await publishing).map((each) => each.outcome)).toEqual(['unknown', 'unknown']);
    expect(await cut.publish(message())).toEqual({ outcome: 'confirmed' });
  });
});

describe('after a restart of the broker', () => {
  test('consumers go on, and what was not acked comes again, marked as redelivered', async () => {
    const deliveries = inbox<Delivery>();
    await bus.consume(names.queueOf('inventory'), 10, deliveries.push);
    await bus.publish(message({ id: 'kept:in:hand' }));
    const first = await deliveries.next();
    expect(first.redelivered).toBe(false);
    await broker[Symbol.asyncDispose]();
    broker = await startAt(broker.port);
    const again = await deliveries.next();
    expect(messageOf(again).id).toBe('kept:in:hand');
    expect(again.redelivered).toBe(true);
    first.ack();
    again.ack();
    expect(await bus.publish(message({ id: 'after' }))).toEqual({ outcome: 'confirmed' });
    expect(messageOf(await deliveries.next()).id).toBe('after');
  });

  test('a private subscription gets a new address and hears again', async () => {
    const heard = inbox<IncomingMessage>();
    const subscription = await bus.subscribe(
      [{ exchange: names.events, routingKey: '#' }],
      heard.push,
    );
    const before = subscription.address();
    await broker[Symbol.asyncDispose]();
    broker = await startAt(broker.port);
    await bus.publish(
      message({ id: 'event', exchange: names.events, routingKey: 'x', durable: true }),
    );
    expect((await heard.next()).id).toBe('event');
    expect(subscription.address()).not.toBe(before);
  });

  test('the topology is declared again even when the broker has lost everything', async () => {
    await broker[Symbol.asyncDispose]();
    await rm(path.join(folder), { recursive: true, force: true });
    folder = await mkdtemp(path.join(tmpdir(), 'wonderland-bus-'));
    broker = await startAt(broker.port);
    expect(await bus.publish(message())).toEqual({ outcome: 'confirmed' });
  });
});

test('a rejected message is dead-lettered with its reason', async () => {
  const deliveries = inbox<Delivery>();
  const dead = inbox<Delivery>();
  await bus.consume(names.queueOf('inventory'), 10, deliveries.push);
  await bus.consume(names.deadLetterQueue, 10, dead.push);
  await bus.publish(message({ id: 'poison' }));
  (await deliveries.next()).reject();
  const letter = await dead.next();
  expect(messageOf(letter).id).toBe('poison');
  letter.ack();
});

test('opening gives up after its limit and says where it knocked', async () => {
  const opening = openBus('amqp://guest:guest@127.0.0.1:1', 100);
  await expect(opening).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: /127\.0\.0\.1:1/,
  });
});
