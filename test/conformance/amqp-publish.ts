/** What every broker does with a published message: routes it, returns it, confirms it. */
import { describe, expect, test } from 'vitest';

import { tableOf, textField, type Field } from '../../src/broker/codec/field-table.ts';
import type { BrokerUnderTest } from './brokers.ts';
import { RawClient } from './raw-client.ts';

export function publishTests(broker: () => BrokerUnderTest): void {
  const open = async (): Promise<RawClient> => {
    const client = await RawClient.open(broker().url);
    await client.ask('confirm.select');
    return client;
  };
  const declare = async (
    client: RawClient,
    fields: Record<string, Field> = {},
  ): Promise<string> => {
    const queue = broker().name();
    await client.ask('queue.declare', { queue, arguments: tableOf(fields) });
    return queue;
  };

  describe('publishing', () => {
    test.each([
      [
        { exchange: 'yp.missing' },
        "channel.close 404 60.40 NOT_FOUND - no exchange 'yp.missing' in vhost '/'",
      ],
      [{ immediate: true }, 'connection.close 540 60.40 NOT_IMPLEMENTED - immediate=true'],
      [
        { properties: { expiration: 'abc' } },
        "channel.close 406 60.40 PRECONDITION_FAILED - invalid expiration 'abc': no_integer",
      ],
      [
        { properties: { userId: 'other' } },
        "channel.close 406 60.40 PRECONDITION_FAILED - user_id property set to 'other' but authenticated user was 'guest'",
      ],
      [
        { properties: { headers: tableOf({ CC: textField('k') }) } },
        'channel.close 406 60.40 PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,"CC",longstr}',
      ],
      [
        { properties: { replyTo: 'amq.rabbitmq.reply-to' } },
        'channel.close 406 60.40 PRECONDITION_FAILED - fast reply consumer does not exist',
      ],
    ])('%j is refused', async (message, answer) => {
      await using client = await open();
      client.publish({ routingKey: 'yp.none', ...message });
      expect(await client.next()).toBe(answer);
    });

    test('to an internal exchange is refused', async () => {
      await using client = await open();
      const exchange = broker().name();
      await client.ask('exchange.declare', { exchange, type: 'fanout', internal: true });
      client.publish({ exchange, routingKey: '' });
      expect(await client.next()).toBe(
        `channel.close 403 60.40 ACCESS_REFUSED - cannot publish to internal exchange '${exchange}' in vhost '/'`,
      );
    });

    test('a mandatory message without a queue comes back before its confirm', async () => {
      await using client = await open();
      client.publish({ routingKey: 'yp.none', mandatory: true, properties: { messageId: 'm' } });
      expect([
        await client.next(),
        await client.next(),
        await client.next(),
        await client.next(),
      ]).toEqual([
        'basic.return replyCode=312 replyText=NO_ROUTE exchange= routingKey=yp.none',
        'header 5',
        'body hello',
        'basic.ack deliveryTag=1 multiple=false',
      ]);
    });

    test('every publish is confirmed, many at once if the broker likes', async () => {
      await using client = await open();
      const routingKey = await declare(client);
      for (let i = 0; i < 5; i++) client.publish({ routingKey });
      let last = await client.next();
      while (!last.startsWith('basic.ack deliveryTag=5 ')) {
        expect(last).toMatch(/^basic.ack /);
        last = await client.next();
      }
    });

    test('a full queue that rejects publishes answers with a nack', async () => {
      await using client = await open();
      const routingKey = await declare(client, {
        'x-max-length': { type: 's', value: 1 },
        'x-overflow': textField('reject-publish'),
      });
      client.publish({ routingKey });
      expect(await client.next()).toMatch(/^basic.ack /);
      client.publish({ routingKey });
      expect(await client.next()).toBe('basic.nack deliveryTag=2 multiple=true requeue=true');
    });

    test('CC names further queues, BCC too but nobody sees it', async () => {
      await using client = await open();
      const [first, second, third] = [
        await declare(client),
        await declare(client),
        await declare(client),
      ];
      const list = (queue: string): Field => ({ type: 'A', value: [textField(queue)] });
      const headers = tableOf({ CC: list(second), BCC: list(third) });
      client.publish({ routingKey: first, properties: { headers } });
      await client.next();
      for (const queue of [first, second, third]) {
        expect(await client.ask('basic.get', { queue, noAck: true })).toMatch(/^basic.get-ok /);
        const header = (await client.nextFrame())?.payload.toString('latin1');
        expect(header).toContain('CC');
        expect(header).not.toContain('BCC');
        await client.next();
      }
    });

    test('the content header passes through byte for byte', async () => {
      await using client = await open();
      const queue = await declare(client);
      const headers = tableOf({
        byte: { type: 'b', value: -5 },
        long: { type: 'l', value: 5n },
        nested: {
          type: 'F',
          value: tableOf({ list: { type: 'A', value: [{ type: 'V', value: null }] } }),
        },
        decimal: { type: 'D', value: { scale: 2, digits: 314 } },
        bytes: { type: 'x', value: Buffer.from([0, 255]) },
        single: { type: 'f', value: 0.5 },
      });
      const properties = {
        headers,
        timestamp: 12_345n,
        priority: 3,
        type: 't',
        contentType: 'text/plain',
      };
      client.publish({ routingKey: queue, properties });
      await client.next();
      await client.ask('basic.get', { queue, noAck: true });
      const { encodeHeader } = await import('../../src/broker/codec/properties.ts');
      expect((await client.nextFrame())?.payload).toEqual(encodeHeader(properties, 5));
    });
  });

  describe('routing', () => {
    /** Which of these keys does a pattern take? */
    const taken = async (pattern: string, keys: readonly string[]): Promise<string> => {
      await using client = await open();
      const queue = await declare(client);
      await client.ask('queue.bind', {
        queue,
        exchange: 'amq.topic',
        routingKey: `t.${queue}.${pattern}`,
      });
      let answer = '';
      for (const key of keys) {
        client.publish({ exchange: 'amq.topic', routingKey: `t.${queue}.${key}`, mandatory: true });
        const seen = await client.drain();
        const isReturned = seen.some((text) => text.startsWith('basic.return'));
        answer += isReturned ? '0' : '1';
      }
      return answer;
    };

    test.each([
      ['#', ['a', 'a.b', ''], '111'],
      ['*', ['a', 'a.b'], '10'],
      ['a.#', ['a', 'a.b', 'a.b.c', 'b'], '1110'],
      ['a.*', ['a', 'a.b', 'a.b.c', 'a.'], '0101'],
      ['#.b', ['b', 'a.b', 'a.a.b', 'a'], '1110'],
      ['a.#.b', ['a.b', 'a.c.b', 'a.c.d.b', 'a.c'], '1110'],
      ['*.#', ['a', 'a.b'], '11'],
      ['a.*.#.b', ['a.b', 'a.x.b', 'a.x.y.b'], '011'],
      ['a..b', ['a..b', 'a.b'], '10'],
    ])('the topic pattern %s on %j', async (pattern, keys, answer) => {
      expect(await taken(pattern, keys)).toBe(answer);
    });

    test('two bindings of one queue make one copy, a cycle of exchanges too', async () => {
      await using client = await open();
      const [left, right] = [broker().name(), broker().name()];
      const queue = await declare(client);
      for (const exchange of [left, right]) {
        await client.ask('exchange.declare', { exchange, type: 'topic' });
        await client.ask('queue.bind', { queue, exchange, routingKey: '#' });
        await client.ask('queue.bind', { queue, exchange, routingKey: 'k' });
      }
      await client.ask('exchange.bind', { destination: right, source: left, routingKey: '#' });
      await client.ask('exchange.bind', { destination: left, source: right, routingKey: '#' });
      client.publish({ exchange: left, routingKey: 'k' });
      await client.next();
      expect(await client.ask('queue.declare', { queue, passive: true })).toContain(
        'messageCount=1',
      );
    });

    test('an alternate exchange takes what nobody else does', async () => {
      await using client = await open();
      const [main, other] = [broker().name(), broker().name()];
      const queue = await declare(client);
      await client.ask('exchange.declare', { exchange: other, type: 'fanout' });
      await client.ask('queue.bind', { queue, exchange: other });
      const alternate = tableOf({ 'alternate-exchange': textField(other) });
      await client.ask('exchange.declare', {
        exchange: main,
        type: 'direct',
        arguments: alternate,
      });
      client.publish({ exchange: main, routingKey: 'none', mandatory: true });
      expect(await client.next()).toBe('basic.ack deliveryTag=1 multiple=false');
      expect(await client.ask('basic.get', { queue })).toContain(
        `exchange=${main} routingKey=none`,
      );
    });

    test.each([
      ['all', '1000'],
      ['any', '1110'],
    ])('a headers exchange with x-match %s', async (mode, answer) => {
      await using client = await open();
      const queue = await declare(client);
      const one: Field = { type: 'I', value: 1 };
      const wanted = tableOf({ 'x-match': textField(mode), [queue]: one, b: textField('z') });
      await client.ask('queue.bind', { queue, exchange: 'amq.headers', arguments: wanted });
      const messages = [
        { [queue]: one, b: textField('z') },
        { [queue]: one },
        { b: textField('z') },
        { c: textField('z') },
      ];
      let seen = '';
      for (const fields of messages) {
        const properties = { headers: tableOf(fields) };
        client.publish({ exchange: 'amq.headers', routingKey: '', mandatory: true, properties });
        seen += (await client.drain()).some((text) => text.startsWith('basic.return')) ? '0' : '1';
      }
      expect(seen).toBe(answer);
    });
  });
}
