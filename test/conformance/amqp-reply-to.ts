/** What every broker does with direct reply-to. */
import { describe, expect, test } from 'vitest';

import type { BrokerUnderTest } from './brokers.ts';
import { RawClient } from './raw-client.ts';

export function replyToTests(broker: () => BrokerUnderTest): void {
  const open = (): Promise<RawClient> => RawClient.open(broker().url);

  describe('direct reply-to', () => {
    const REPLY_TO = 'amq.rabbitmq.reply-to';

    test('leads a reply straight to the channel that asked', async () => {
      await using client = await open();
      const queue = broker().name();
      await client.ask('queue.declare', { queue });
      await client.ask('basic.consume', { queue: REPLY_TO, consumerTag: 'r', noAck: true });
      client.publish({ routingKey: queue, properties: { replyTo: REPLY_TO } });
      await using server = await open();
      await expect
        .poll(() => server.ask('queue.declare', { queue, passive: true }))
        .toContain('messageCount=1');
      await server.ask('basic.get', { queue, noAck: true });
      const header = (await server.nextFrame())?.payload.toString('latin1') ?? '';
      await server.next();
      const [address = ''] = /amq\.rabbitmq\.reply-to\..+$/.exec(header) ?? [];
      expect(await server.ask('queue.declare', { queue: address, passive: true })).toBe(
        `queue.declare-ok queue=${address} messageCount=0 consumerCount=1`,
      );
      server.publish({ routingKey: address, body: 'answer' });
      expect(await client.next()).toBe(
        `basic.deliver consumerTag=r deliveryTag=1 redelivered=false exchange= routingKey=${address}`,
      );
      expect([await client.next(), await client.next()]).toEqual(['header 6', 'body answer']);
      await client.ask('basic.cancel', { consumerTag: 'r' });
      server.publish({ routingKey: address, mandatory: true });
      expect(await server.next()).toMatch(/^basic.return replyCode=312 /);
    });

    test('is for one consumer without acks', async () => {
      await using client = await open();
      expect(await client.ask('basic.consume', { queue: REPLY_TO, noAck: true })).toMatch(
        /^basic.consume-ok consumerTag=amq\.ctag-[\w-]{22}$/,
      );
      expect(await client.ask('basic.consume', { queue: REPLY_TO, noAck: true })).toBe(
        'channel.close 406 60.20 PRECONDITION_FAILED - reply consumer already set',
      );
      client.send('channel.close-ok');
      await client.ask('channel.open');
      expect(await client.ask('basic.consume', { queue: REPLY_TO })).toBe(
        'channel.close 406 60.20 PRECONDITION_FAILED - reply consumer cannot acknowledge',
      );
    });
  });
}
