// Goal: a broker that is full, blocked or silent costs time, never a message, and never a part that cannot end.
import { connect } from 'amqplib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { startBroker } from '../../src/broker/broker.ts';
import { release } from '../../src/contracts/inventory.ts';
import { ClosingStack } from '../../src/kernel/closing.ts';
import { liveClock, liveIds, liveRandom } from '../../src/kernel/live.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { openAmqpBus } from '../../src/messaging/amqp-bus.ts';
import { outgoing, type Bus, type OutgoingMessage } from '../../src/messaging/bus.ts';
import { publishUntilConfirmed } from '../../src/messaging/publisher.ts';
import { deleteTopology, namesOf } from '../../src/messaging/topology.ts';
import { startProxy, type Proxy } from '../support/proxy.ts';
import { BROKERS } from './brokers.ts';

const orderId = '0192f0c1-7d3a-7c3e-9d2e-1a2b3c4d5e6f';
const names = namesOf(`t${liveIds.hex(8)}`);

let closing: ClosingStack;
let warnings: string[];

beforeEach(() => {
  closing = new ClosingStack();
  warnings = [];
});
afterEach(() => closing[Symbol.asyncDispose]());

const openBus = async (url: string): Promise<Bus> =>
  closing.use(
    await openAmqpBus({
      url,
      names,
      client: 'test',
      clock: liveClock,
      random: liveRandom,
      logger: { log: (level, text) => void (level === 'warn' && warnings.push(text)) },
      openWithinMs: 10_000,
    }),
  );

const message = (options: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  ...outgoing(
    release,
    { orderId },
    { exchange: names.commands, routingKey: 'inventory', id: `test:${liveIds.hex(4)}` },
  ),
  ...options,
});

describe.each(BROKERS)('$title', (kind) => {
  test.skipIf(kind.isSkipped)(
    'a full queue refuses, and takes the message once there is room',
    async () => {
      const broker = closing.use(await kind.open());
      const connection = await connect(broker.url);
      closing.defer(() => connection.close());
      const channel = await connection.createChannel();
      closing.defer(() => deleteTopology(channel, names));
      const queue = broker.name();
      const limit = { 'x-queue-type': 'quorum', 'x-max-length': 3, 'x-overflow': 'reject-publish' };
      await channel.assertQueue(queue, { durable: true, arguments: limit });
      const bus = await openBus(broker.url);
      const toQueue = (id: string): OutgoingMessage =>
        message({ exchange: '', routingKey: queue, id });
      await expect
        .poll(async () => (await bus.publish(toQueue('filler'))).outcome, { interval: 1 })
        .toBe('refused');
      const patient = publishUntilConfirmed(toQueue('patient'), {
        bus,
        clock: liveClock,
        logger: silentLogger,
        signal: new AbortController().signal,
      });
      const seen: string[] = [];
      await bus.consume(queue, 10, (delivery) => {
        if (delivery.content.ok) seen.push(delivery.content.message.id);
        delivery.ack();
      });
      expect(await patient).toBe(true);
      await expect.poll(() => seen).toContain('patient');
    },
  );
});

describe('a broker that is short of memory', () => {
  test('makes durable publishes wait and refuses the others at once, while acks get through', async () => {
    const broker = closing.use(
      await startBroker({ port: 0, clock: liveClock, memoryLimitBytes: 50_000 }),
    );
    const publisher = await openBus(broker.url);
    const published: Promise<unknown>[] = [];
    await expect
      .poll(
        () => {
          for (let more = 0; more < 20; more++) published.push(publisher.publish(message()));
          return publisher.isBlocked();
        },
        { interval: 10 },
      )
      .toBe(true);
    expect(publisher.isConnected()).toBe(true);
    const waiting = publisher.publish(message({ id: 'late' }));
    expect(await publisher.publish(message({ durable: false }))).toEqual({
      outcome: 'refused',
      reason: 'the broker takes no messages',
    });
    // Not over the connection that the broker has stopped reading from.
    const seen: string[] = [];
    await publisher.consume(names.queueOf('inventory'), 10, (delivery) => {
      if (delivery.content.ok) seen.push(delivery.content.message.id);
      delivery.ack();
    });
    expect(await waiting).toEqual({ outcome: 'confirmed' });
    await Promise.all(published);
    await expect.poll(() => seen).toContain('late');
    await expect.poll(() => publisher.isBlocked()).toBe(false);
    expect(warnings.filter((each) => each.includes('takes no messages')).length).toBeGreaterThan(0);
    expect(warnings.filter((each) => each.includes('lost'))).toEqual([]);
  });
});

describe('a connection that swallows everything', () => {
  let proxy: Proxy;
  let bus: Bus;

  beforeEach(async () => {
    const broker = closing.use(await startBroker({ port: 0, clock: liveClock }));
    proxy = closing.use(await startProxy(broker.port));
    bus = await openBus(`amqp://guest:guest@127.0.0.1:${proxy.port}?heartbeat=1`);
  });

  test('is noticed by its missing heartbeats, and replaced once the network is back', async () => {
    const seen: string[] = [];
    await bus.consume(names.queueOf('inventory'), 10, (delivery) => {
      if (delivery.content.ok) seen.push(delivery.content.message.id);
      delivery.ack();
    });
    proxy.mute();
    await expect.poll(() => bus.isConnected()).toBe(false);
    proxy.cut();
    const publishing = publishUntilConfirmed(message({ id: 'after' }), {
      bus,
      clock: liveClock,
      logger: silentLogger,
      signal: new AbortController().signal,
    });
    expect(await publishing).toBe(true);
    await expect.poll(() => seen).toContain('after');
  });

  test('does not keep a part from ending', async () => {
    proxy.mute();
    const unanswered = bus.publish(message());
    await bus[Symbol.asyncDispose]();
    expect((await unanswered).outcome).toBe('unknown');
  });
});
