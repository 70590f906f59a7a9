/** What every broker answers about exchanges and bindings. */
import { describe, expect, test } from 'vitest';

import type { BrokerUnderTest } from './brokers.ts';
import { RawClient } from './raw-client.ts';

export function exchangeTests(broker: () => BrokerUnderTest): void {
  const open = (): Promise<RawClient> => RawClient.open(broker().url);

  describe('bindings', () => {
    test.each([
      ['queue', { queue: 'yp.missing', exchange: 'amq.direct' }, 'queue'],
      ['exchange', { exchange: 'yp.missing' }, 'exchange'],
    ])('need their %s', async (_title, binding, kind) => {
      await using client = await open();
      await client.ask('queue.declare', { exclusive: true });
      expect(await client.ask('queue.bind', binding)).toBe(
        `channel.close 404 50.20 NOT_FOUND - no ${kind} 'yp.missing' in vhost '/'`,
      );
    });

    test('are not for the default exchange', async () => {
      await using client = await open();
      await client.ask('queue.declare', { exclusive: true });
      expect(await client.ask('queue.bind', { routingKey: 'k' })).toBe(
        'channel.close 403 50.20 ACCESS_REFUSED - operation not permitted on the default exchange',
      );
    });

    test('that are not there can be taken away', async () => {
      await using client = await open();
      await client.ask('queue.declare', { exclusive: true });
      expect(await client.ask('queue.unbind', { exchange: 'amq.direct' })).toBe('queue.unbind-ok');
      expect(await client.ask('queue.unbind', { exchange: 'yp.missing' })).toBe('queue.unbind-ok');
    });
  });

  describe('exchanges', () => {
    test.each([
      [
        { exchange: 'yp.new', type: 'nope' },
        "connection.close 503 40.10 COMMAND_INVALID - unknown exchange type 'nope'",
      ],
      [
        { exchange: 'yp.missing', passive: true },
        "channel.close 404 40.10 NOT_FOUND - no exchange 'yp.missing' in vhost '/'",
      ],
      [
        { exchange: 'amq.mine', type: 'direct' },
        "channel.close 403 40.10 ACCESS_REFUSED - exchange name 'amq.mine' contains reserved prefix 'amq.*'",
      ],
      [{ exchange: 'amq.direct', type: 'direct', durable: true }, 'exchange.declare-ok'],
      [
        { exchange: '', type: 'direct', durable: true },
        'channel.close 403 40.10 ACCESS_REFUSED - operation not permitted on the default exchange',
      ],
    ])('declared as %j', async (declaration, answer) => {
      await using client = await open();
      expect(await client.ask('exchange.declare', declaration)).toBe(answer);
    });

    test.each([
      ['type', { type: 'direct' }, "'direct' but current is 'fanout'"],
      ['durable', { durable: true }, "'true' but current is 'false'"],
      ['auto_delete', { autoDelete: true }, "'true' but current is 'false'"],
      ['internal', { internal: true }, "'true' but current is 'false'"],
    ])('cannot be redeclared with another %s', async (property, change, values) => {
      await using client = await open();
      const exchange = broker().name();
      await client.ask('exchange.declare', { exchange, type: 'fanout' });
      expect(await client.ask('exchange.declare', { exchange, type: 'fanout', ...change })).toBe(
        `channel.close 406 40.10 PRECONDITION_FAILED - inequivalent arg '${property}' for exchange '${exchange}' in vhost '/': received ${values}`,
      );
    });

    test.each([
      ['yp.missing', 'exchange.delete-ok'],
      [
        '',
        'channel.close 403 40.20 ACCESS_REFUSED - operation not permitted on the default exchange',
      ],
      [
        'amq.direct',
        "channel.close 403 40.20 ACCESS_REFUSED - deletion of system exchange 'amq.direct' in vhost '/' not allowed",
      ],
    ])('deleting %j', async (exchange, answer) => {
      await using client = await open();
      expect(await client.ask('exchange.delete', { exchange })).toBe(answer);
    });

    test('go with their last binding when they are auto-delete', async () => {
      await using client = await open();
      const exchange = broker().name();
      await client.ask('exchange.declare', { exchange, type: 'fanout', autoDelete: true });
      const queue = broker().name();
      await client.ask('queue.declare', { queue });
      await client.ask('queue.bind', { queue, exchange });
      expect(await client.ask('exchange.delete', { exchange, ifUnused: true })).toBe(
        `channel.close 406 40.20 PRECONDITION_FAILED - exchange '${exchange}' in vhost '/' in use`,
      );
      client.send('channel.close-ok');
      await client.ask('channel.open');
      await client.ask('queue.unbind', { queue, exchange });
      expect(await client.ask('exchange.declare', { exchange, passive: true })).toBe(
        `channel.close 404 40.10 NOT_FOUND - no exchange '${exchange}' in vhost '/'`,
      );
    });
  });
}
