/** What every broker does on the receiving side: windows, acks, order. */
import { describe, expect, test } from 'vitest';

import { tableOf, type FieldTable } from '../../src/broker/codec/field-table.ts';
import type { BrokerUnderTest } from './brokers.ts';
import { RawClient } from './raw-client.ts';

const CANCEL_NOTICE: FieldTable = tableOf({
  capabilities: {
    type: 'F',
    value: tableOf({ consumer_cancel_notify: { type: 't', value: true } }),
  },
});

export function deliveryTests(broker: () => BrokerUnderTest): void {
  const open = (options = {}): Promise<RawClient> => RawClient.open(broker().url, options);

  /** A queue that holds these messages, all confirmed. */
  const filled = async (client: RawClient, bodies: readonly string[]): Promise<string> => {
    const queue = broker().name();
    await client.ask('queue.declare', { queue });
    await client.ask('channel.open', {}, 9);
    await client.ask('confirm.select', {}, 9);
    for (const [index, body] of bodies.entries()) {
      client.publish({ routingKey: queue, body }, 9);
      expect(await client.next()).toBe(`basic.ack deliveryTag=${index + 1} multiple=false`);
    }
    await client.ask('channel.close', {}, 9);
    return queue;
  };

  /** Gets all there is and answers `body:redelivered`, in order. */
  const contents = async (client: RawClient, queue: string): Promise<readonly string[]> => {
    const seen: string[] = [];
    for (;;) {
      const got = await client.ask('basic.get', { queue, noAck: true });
      if (got.startsWith('basic.get-empty')) return seen;
      await client.next();
      const [, redelivered] = /redelivered=(\w+)/.exec(got) ?? [];
      seen.push(`${(await client.next()).slice('body '.length)}:${redelivered}`);
    }
  };

  /** What a consumer gets until the channel is quiet: one text for each delivery. */
  const deliveries = async (client: RawClient, count: number): Promise<readonly string[]> => {
    const seen: string[] = [];
    while (seen.length < count) {
      const text = await client.next();
      if (text.startsWith('basic.deliver')) seen.push(text);
    }
    return seen;
  };

  describe('getting', () => {
    test('answers with the message and the number of those left', async () => {
      await using client = await open();
      const queue = await filled(client, ['a', 'b']);
      expect(await client.ask('basic.get', { queue })).toBe(
        `basic.get-ok deliveryTag=1 redelivered=false exchange= routingKey=${queue} messageCount=1`,
      );
      expect(await client.next()).toBe('header 1');
      expect(await client.next()).toBe('body a');
      expect(await client.ask('queue.declare', { queue, passive: true })).toContain(
        'messageCount=1',
      );
    });

    test('from an empty queue says so, from a missing one is an error', async () => {
      await using client = await open();
      const queue = await filled(client, []);
      expect(await client.ask('basic.get', { queue })).toBe('basic.get-empty clusterId=');
      expect(await client.ask('basic.get', { queue: 'yp.missing' })).toBe(
        "channel.close 404 60.70 NOT_FOUND - no queue 'yp.missing' in vhost '/'",
      );
    });

    test('a large body comes in frames of the agreed size, an empty one in none', async () => {
      await using client = await open({ frameMax: 4_096 });
      const queue = broker().name();
      await client.ask('queue.declare', { queue });
      await client.ask('confirm.select');
      client.send('basic.publish', { routingKey: queue });
      const { encodeHeader } = await import('../../src/broker/codec/properties.ts');
      client.sendFrame(2, encodeHeader({}, 10_000));
      for (const size of [4_000, 4_000, 2_000]) client.sendFrame(3, Buffer.alloc(size, 'x'));
      await client.next();
      client.publish({ routingKey: queue, body: '' });
      await client.next();
      await client.ask('basic.get', { queue });
      const frames = [
        await client.next(),
        await client.next(),
        await client.next(),
        await client.next(),
      ];
      expect(frames).toEqual(['header 10000', 'body 4088', 'body 4088', 'body 1824']);
      await client.ask('basic.get', { queue });
      expect(await client.drain()).toEqual(['header 0']);
    });
  });

  describe('consuming', () => {
    test('starts with consume-ok, then what waits', async () => {
      await using client = await open();
      const queue = await filled(client, ['a']);
      expect(await client.ask('basic.consume', { queue, consumerTag: 't' })).toBe(
        'basic.consume-ok consumerTag=t',
      );
      expect(await client.next()).toBe(
        `basic.deliver consumerTag=t deliveryTag=1 redelivered=false exchange= routingKey=${queue}`,
      );
    });

    test('a tag names one consumer of a channel, but may be used on another', async () => {
      await using client = await open();
      const queue = await filled(client, []);
      await client.ask('basic.consume', { queue, consumerTag: 't' });
      await client.ask('channel.open', {}, 2);
      expect(await client.ask('basic.consume', { queue, consumerTag: 't' }, 2)).toMatch(
        /consume-ok/,
      );
      expect(await client.ask('basic.consume', { queue, consumerTag: 't' })).toBe(
        "connection.close 530 60.20 NOT_ALLOWED - attempt to reuse consumer tag 't'",
      );
    });

    test.each([
      ['an exclusive consumer keeps others out', true, false],
      ['an exclusive consumer comes first or not at all', false, true],
    ])('%s', async (_title, first, second) => {
      await using client = await open();
      const queue = await filled(client, []);
      await client.ask('basic.consume', { queue, exclusive: first });
      expect(await client.ask('basic.consume', { queue, exclusive: second })).toBe(
        `channel.close 403 60.20 ACCESS_REFUSED - queue '${queue}' in vhost '/' in exclusive use`,
      );
    });

    test('is told when the queue is deleted, if the client announced that it understands', async () => {
      await using client = await open({ clientProperties: CANCEL_NOTICE });
      const queue = await filled(client, []);
      await client.ask('basic.consume', { queue, consumerTag: 't' });
      await client.ask('channel.open', {}, 2);
      client.send('queue.delete', { queue }, 2);
      const seen = [await client.next(), await client.next()];
      expect(seen).toContain('basic.cancel consumerTag=t nowait=true');
    });

    test('is not told otherwise', async () => {
      await using client = await open();
      const queue = await filled(client, []);
      await client.ask('basic.consume', { queue, consumerTag: 't' });
      expect(await client.ask('queue.delete', { queue })).toMatch(/^queue.delete-ok/);
      expect(await client.drain()).toEqual([]);
    });

    test('cancelling what is not there is no error', async () => {
      await using client = await open();
      expect(await client.ask('basic.cancel', { consumerTag: 'nope' })).toBe(
        'basic.cancel-ok consumerTag=nope',
      );
    });

    test('two consumers take turns', async () => {
      await using client = await open();
      const queue = await filled(client, []);
      await client.ask('basic.consume', { queue, consumerTag: 'a' });
      await client.ask('basic.consume', { queue, consumerTag: 'b' });
      for (let i = 0; i < 6; i++) client.publish({ routingKey: queue });
      const tags = (await deliveries(client, 6)).map((text) => /Tag=(\w)/.exec(text)?.[1]);
      expect(tags.join('')).toMatch(/^(ab){3}$|^(ba){3}$/);
    });

    test('prefetch holds for consumers started after it', async () => {
      await using client = await open();
      const queue = await filled(client, ['1', '2', '3']);
      await client.ask('basic.qos', { prefetchCount: 2 });
      await client.ask('basic.consume', { queue, consumerTag: 'a' });
      await deliveries(client, 2);
      expect(await client.ask('queue.declare', { queue, passive: true })).not.toBe('');
      client.send('basic.ack', { deliveryTag: 1 });
      expect(await deliveries(client, 1)).toEqual([expect.stringContaining('deliveryTag=3')]);
    });

    test('a global prefetch is shared by the channel, and raising it lets more through', async () => {
      await using client = await open();
      const queue = await filled(client, ['1', '2', '3', '4']);
      await client.ask('basic.qos', { prefetchCount: 1, global: true });
      await client.ask('basic.consume', { queue, consumerTag: 'a' });
      await client.ask('basic.consume', { queue, consumerTag: 'b' });
      await client.ask('channel.open', {}, 2);
      expect(await client.ask('queue.declare', { queue, passive: true }, 2)).not.toBe('');
      client.send('basic.qos', { prefetchCount: 3, global: true });
      const seen = await deliveries(client, 2);
      expect(seen.at(-1)).toMatch(/deliveryTag=[23] /);
    });
  });

  describe('settling', () => {
    test.each([
      ['ack', 'basic.ack', { deliveryTag: 99 }, '60.80', 99],
      ['ack of tag 0', 'basic.ack', { deliveryTag: 0 }, '60.80', 0],
      ['multiple ack', 'basic.ack', { deliveryTag: 5, multiple: true }, '60.80', 5],
      ['nack', 'basic.nack', { deliveryTag: 99 }, '60.120', 99],
      ['reject', 'basic.reject', { deliveryTag: 99 }, '60.90', 99],
    ] as const)('%s of an unknown tag is an error', async (_title, name, args, id, tag) => {
      await using client = await open();
      expect(await client.ask(name, args)).toBe(
        `channel.close 406 ${id} PRECONDITION_FAILED - unknown delivery tag ${tag}`,
      );
    });

    test('acking twice is an error, acking nothing at all is not', async () => {
      await using client = await open();
      const queue = await filled(client, ['a']);
      client.send('basic.ack', { deliveryTag: 0, multiple: true });
      expect(await client.drain()).toEqual([]);
      client.send('basic.get', { queue });
      expect(await client.drain()).toHaveLength(3);
      client.send('basic.ack', { deliveryTag: 1 });
      expect(await client.ask('basic.ack', { deliveryTag: 1 })).toBe(
        'channel.close 406 60.80 PRECONDITION_FAILED - unknown delivery tag 1',
      );
    });

    test('a requeued message goes back to its old place and is marked', async () => {
      await using client = await open();
      const queue = await filled(client, ['1', '2', '3']);
      for (let i = 0; i < 2; i++) {
        await client.ask('basic.get', { queue });
        await client.next();
        await client.next();
      }
      client.send('basic.reject', { deliveryTag: 2, requeue: true });
      client.send('basic.nack', { deliveryTag: 1, requeue: true });
      expect(await client.drain()).toEqual([]);
      expect(await contents(client, queue)).toEqual(['1:true', '2:true', '3:false']);
    });

    test('a closed channel gives everything back in order', async () => {
      await using client = await open();
      const queue = await filled(client, ['1', '2', '3']);
      await client.ask('channel.open', {}, 2);
      await client.ask('basic.consume', { queue }, 2);
      await deliveries(client, 3);
      client.send('channel.close', {}, 2);
      let text = await client.next();
      while (text !== 'channel.close-ok') text = await client.next();
      await expect
        .poll(() => client.ask('queue.declare', { queue, passive: true }))
        .toContain('messageCount=3');
      expect(await contents(client, queue)).toEqual(['1:true', '2:true', '3:true']);
    });

    test('multiple takes all up to the tag; a cancelled consumer still may', async () => {
      await using client = await open();
      const queue = await filled(client, ['1', '2', '3']);
      await client.ask('basic.consume', { queue, consumerTag: 't' });
      await deliveries(client, 3);
      await client.next();
      await client.next();
      await client.ask('basic.cancel', { consumerTag: 't' });
      client.send('basic.ack', { deliveryTag: 2, multiple: true });
      client.send('basic.nack', { deliveryTag: 3, requeue: true });
      expect(await client.drain()).toEqual([]);
      expect(await contents(client, queue)).toEqual(['3:true']);
    });

    test('recover gives back what is unsettled, but only for requeueing', async () => {
      await using client = await open();
      const queue = await filled(client, ['1']);
      await client.ask('basic.get', { queue });
      await client.next();
      await client.next();
      expect(await client.ask('basic.recover', { requeue: true })).toBe('basic.recover-ok');
      expect(await contents(client, queue)).toEqual(['1:true']);
      expect(await client.ask('basic.recover')).toBe(
        'connection.close 540 60.110 NOT_IMPLEMENTED - requeue=false',
      );
    });

    test('a prefetch of bytes is not implemented', async () => {
      await using client = await open();
      expect(await client.ask('basic.qos', { prefetchSize: 10 })).toBe(
        'connection.close 540 60.10 NOT_IMPLEMENTED - prefetch_size!=0 (10)',
      );
    });
  });
}
