/** What every broker does with messages that leave their queue unread: dead-lettering, limits, expiry. */
import { connect, type ChannelModel, type ConfirmChannel, type GetMessage } from 'amqplib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { BrokerUnderTest } from './brokers.ts';

export function deathTests(broker: () => BrokerUnderTest): void {
  let model: ChannelModel;
  let channel: ConfirmChannel;

  beforeAll(async () => {
    model = await connect(broker().url, { noDelay: true });
    channel = await model.createConfirmChannel();
  });
  afterAll(async () => model.close());

  const declare = async (args: Record<string, unknown> = {}): Promise<string> => {
    const queue = broker().name();
    await channel.assertQueue(queue, { durable: true, arguments: args });
    return queue;
  };
  const publish = async (queue: string, body: string, options = {}): Promise<void> => {
    channel.sendToQueue(queue, Buffer.from(body), { persistent: true, ...options });
    await channel.waitForConfirms();
  };
  /** The next message of a queue, waited for. */
  const arrival = async (queue: string): Promise<GetMessage> => {
    let message: GetMessage | false = false;
    await expect
      .poll(async () => (message = await channel.get(queue, { noAck: true })), { timeout: 5_000 })
      .not.toBe(false);
    return message as unknown as GetMessage;
  };
  const toQueue = (queue: string): Record<string, unknown> => ({
    'x-dead-letter-exchange': '',
    'x-dead-letter-routing-key': queue,
  });
  const quorum = { 'x-queue-type': 'quorum' };
  const death = (queue: string, reason: string): Record<string, unknown> => ({
    count: 1,
    reason,
    queue,
    time: { '!': 'timestamp', value: expect.any(Number) as number },
    exchange: '',
    'routing-keys': [queue],
  });

  describe('dead-lettering', () => {
    test('a rejected message moves on and tells its story', async () => {
      const grave = await declare();
      const queue = await declare(toQueue(grave));
      await publish(queue, 'x', { headers: { a: 1 } });
      channel.nack((await channel.get(queue)) as GetMessage, false, false);
      const { fields, properties } = await arrival(grave);
      expect(fields).toMatchObject({ exchange: '', routingKey: grave, redelivered: false });
      expect(properties.headers).toEqual({
        a: 1,
        'x-death': [death(queue, 'rejected')],
        'x-first-death-exchange': '',
        'x-first-death-queue': queue,
        'x-first-death-reason': 'rejected',
      });
      expect(properties.deliveryMode).toBe(2);
    });

    test('keeps the routing key unless the queue names another', async () => {
      const exchange = broker().name();
      await channel.assertExchange(exchange, 'topic', { autoDelete: true, durable: false });
      const grave = await declare();
      await channel.bindQueue(grave, exchange, '#');
      const queue = await declare({ 'x-dead-letter-exchange': exchange });
      await publish(queue, 'x');
      channel.reject((await channel.get(queue)) as GetMessage, false);
      expect((await arrival(grave)).fields).toMatchObject({ exchange, routingKey: queue });
    });

    test('an expired message loses its expiration and keeps it in its story', async () => {
      const grave = await declare();
      const queue = await declare(toQueue(grave));
      await publish(queue, 'x', { expiration: '30' });
      const { properties } = await arrival(grave);
      expect(properties.expiration).toBeUndefined();
      expect(properties.headers?.['x-death']).toEqual([
        { ...death(queue, 'expired'), 'original-expiration': '30' },
      ]);
    });

    test('newest death first; the same death again raises its count', async () => {
      const [first, second] = [broker().name(), broker().name()];
      await channel.assertQueue(first, { durable: true, arguments: toQueue(second) });
      await channel.assertQueue(second, {
        durable: true,
        arguments: { ...toQueue(first), 'x-message-ttl': 20 },
      });
      await publish(first, 'x');
      let message: GetMessage | false = false;
      for (let round = 0; round < 3; round++) {
        await expect
          .poll(async () => (message = await channel.get(first)), { timeout: 5_000 })
          .not.toBe(false);
        if (round < 2) channel.reject(message as unknown as GetMessage, false);
      }
      const { properties } = message as unknown as GetMessage;
      channel.ack(message as unknown as GetMessage);
      expect(properties.headers?.['x-death']).toMatchObject([
        { queue: second, reason: 'expired', count: 2 },
        { queue: first, reason: 'rejected', count: 2 },
      ]);
    });

    test('a cycle without a rejection ends, an exchange that is missing swallows', async () => {
      const name = broker().name();
      const args = { ...toQueue(name), 'x-message-ttl': 10 };
      await channel.assertQueue(name, { durable: true, arguments: args });
      await publish(name, 'x');
      const lost = await declare({ 'x-dead-letter-exchange': 'yp.missing', 'x-message-ttl': 10 });
      await publish(lost, 'x');
      for (const queue of [name, lost]) {
        await expect
          .poll(async () => (await channel.checkQueue(queue)).messageCount, { timeout: 5_000 })
          .toBe(0);
      }
    });
  });

  describe('the limits of a queue', () => {
    test('drop the oldest, which is dead-lettered', async () => {
      const grave = await declare();
      const queue = await declare({ ...toQueue(grave), 'x-max-length': 1 });
      await publish(queue, 'old');
      await publish(queue, 'new');
      const dead = await arrival(grave);
      expect(dead.content.toString()).toBe('old');
      expect(dead.properties.headers?.['x-death']).toEqual([death(queue, 'maxlen')]);
      expect((await arrival(queue)).content.toString()).toBe('new');
    });

    test('count ready messages only', async () => {
      const queue = await declare({ 'x-max-length': 1 });
      await publish(queue, 'unacked');
      const held = (await channel.get(queue)) as GetMessage;
      await publish(queue, 'ready');
      channel.ack(held);
      expect((await arrival(queue)).content.toString()).toBe('ready');
    });

    test('in bytes count bodies', async () => {
      const queue = await declare({ 'x-max-length-bytes': 10 });
      for (const body of ['aaaa', 'bbbb', 'cccc', 'd']) await publish(queue, body);
      const left = [await arrival(queue), await arrival(queue), await arrival(queue)];
      expect(left.map(({ content }) => content.toString())).toEqual(['bbbb', 'cccc', 'd']);
    });

    test('on time act at the head only, the smaller of the two', async () => {
      const queue = await declare();
      await publish(queue, 'lasting');
      await publish(queue, 'short', { expiration: '1' });
      const both = await declare({ 'x-message-ttl': 10 });
      await publish(both, 'x', { expiration: '60000' });
      await expect
        .poll(async () => (await channel.checkQueue(both)).messageCount, { timeout: 5_000 })
        .toBe(0);
      expect((await channel.checkQueue(queue)).messageCount).toBe(2);
    });
  });

  describe('quorum queues', () => {
    test('count how often a message came back, and bury it over the limit', async () => {
      const grave = await declare();
      const queue = await declare({ ...quorum, ...toQueue(grave), 'x-delivery-limit': 2 });
      await publish(queue, 'x', { headers: { a: 1 } });
      const seen: unknown[] = [];
      const consumer = await channel.consume(queue, (message) => {
        if (message === null) return;
        seen.push([message.fields.redelivered, message.properties.headers]);
        channel.nack(message, false, true);
      });
      const dead = await arrival(grave);
      await channel.cancel(consumer.consumerTag);
      expect(seen).toEqual([
        [false, { a: 1 }],
        [true, { a: 1, 'x-delivery-count': 1 }],
        [true, { a: 1, 'x-delivery-count': 2 }],
      ]);
      expect(dead.properties.headers).toEqual({
        a: 1,
        'x-death': [death(queue, 'delivery_limit')],
        'x-first-death-exchange': '',
        'x-first-death-queue': queue,
        'x-first-death-reason': 'delivery_limit',
      });
    });

    test('count a channel that ended without settling', async () => {
      const queue = await declare({ ...quorum, 'x-delivery-limit': 5 });
      await publish(queue, 'x');
      const other = await model.createChannel();
      await other.get(queue);
      await other.close();
      const { fields, properties } = await arrival(queue);
      expect(fields.redelivered).toBe(true);
      expect(properties.headers).toEqual({ 'x-delivery-count': 1 });
    });

    test('reject publishes when they are full', async () => {
      const queue = await declare({ ...quorum, 'x-max-length': 1, 'x-overflow': 'reject-publish' });
      // RabbitMQ lets a few more through before its quorum queues notice.
      const refused = async (): Promise<boolean> =>
        publish(queue, 'x').then(
          () => false,
          () => true,
        );
      await expect.poll(refused, { timeout: 5_000 }).toBe(true);
    });
  });
}
