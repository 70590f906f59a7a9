/** What every broker answers about queues. */
import { describe, expect, test } from 'vitest';

import { tableOf, textField, type Field } from '../../src/broker/codec/field-table.ts';
import type { MethodArgs } from '../../src/broker/codec/methods.ts';
import type { BrokerUnderTest } from './brokers.ts';
import { RawClient } from './raw-client.ts';

type Declaration = Partial<MethodArgs<'queue.declare'>>;

const int = (value: number): Field => ({ type: 's', value });
const args = (fields: Record<string, Field>): { arguments: ReturnType<typeof tableOf> } => ({
  arguments: tableOf(fields),
});

const LOCKED =
  'It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.';

export function queueTests(broker: () => BrokerUnderTest): void {
  const open = (): Promise<RawClient> => RawClient.open(broker().url);

  describe('queues', () => {
    test('without a name get one of 30 characters', async () => {
      await using client = await open();
      expect(await client.ask('queue.declare', { exclusive: true })).toMatch(
        /^queue.declare-ok queue=amq\.gen-[\w-]{22} messageCount=0 consumerCount=0$/,
      );
    });

    test('a passive declaration of a missing one is an error', async () => {
      await using client = await open();
      expect(await client.ask('queue.declare', { queue: 'yp.missing', passive: true })).toBe(
        "channel.close 404 50.10 NOT_FOUND - no queue 'yp.missing' in vhost '/'",
      );
    });

    test('names that start with amq. are reserved', async () => {
      await using client = await open();
      expect(await client.ask('queue.declare', { queue: 'amq.mine' })).toBe(
        "channel.close 403 50.10 ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'",
      );
    });

    const redeclarations: readonly (readonly [string, Declaration, Declaration, string])[] = [
      ['durable', {}, { durable: true }, "'durable' %: received 'true' but current is 'false'"],
      [
        'auto_delete',
        {},
        { autoDelete: true },
        "'auto_delete' %: received 'true' but current is 'false'",
      ],
      [
        'another x-message-ttl',
        args({ 'x-message-ttl': int(1_000) }),
        args({ 'x-message-ttl': int(2_000) }),
        "'x-message-ttl' %: received '2000' but current is '1000'",
      ],
      [
        'no x-message-ttl',
        args({ 'x-message-ttl': int(1_000) }),
        {},
        "'x-message-ttl' %: received none but current is the value '1000' of type 'short'",
      ],
      [
        'a new x-max-length',
        {},
        args({ 'x-max-length': int(1_000) }),
        "'x-max-length' %: received the value '1000' of type 'short' but current is none",
      ],
      [
        'another x-overflow',
        args({ 'x-overflow': textField('drop-head') }),
        args({ 'x-overflow': textField('reject-publish') }),
        "'x-overflow' %: received 'reject-publish' but current is 'drop-head'",
      ],
      [
        'another dead-letter exchange',
        args({ 'x-dead-letter-exchange': textField('a') }),
        args({ 'x-dead-letter-exchange': textField('b') }),
        "'x-dead-letter-exchange' %: received 'b' but current is 'a'",
      ],
      [
        'a queue type',
        { durable: true },
        { durable: true, ...args({ 'x-queue-type': textField('quorum') }) },
        "'x-queue-type' %: received the value 'quorum' of type 'longstr' but current is none",
      ],
    ];
    test.each(redeclarations)('cannot be redeclared with %s', async (_t, first, second, text) => {
      await using client = await open();
      const queue = broker().name();
      await client.ask('queue.declare', { queue, ...first });
      const expected = text.replace('%', `for queue '${queue}' in vhost '/'`);
      expect(await client.ask('queue.declare', { queue, ...second })).toBe(
        `channel.close 406 50.10 PRECONDITION_FAILED - inequivalent arg ${expected}`,
      );
    });

    test('can be redeclared with unknown arguments and with the classic type spelt out', async () => {
      await using client = await open();
      const queue = broker().name();
      await client.ask('queue.declare', { queue });
      const extra = args({ 'x-unknown': int(1), 'x-queue-type': textField('classic') });
      expect(await client.ask('queue.declare', { queue, ...extra })).toMatch(/^queue.declare-ok /);
    });

    test.each([
      ['x-message-ttl', ': {value_negative,-1}', int(-1)],
      ['x-message-ttl', ': "expected integer, got longstr"', textField('abc')],
      ['x-expires', ': {value_zero,0}', int(0)],
      ['x-max-length', ': {value_negative,-1}', int(-1)],
      ['x-max-priority', ': {max_value_exceeded,300}', int(300)],
      ['x-overflow', ': invalid_overflow', textField('nope')],
      ['x-queue-type', `: "unsupported queue type 'nope'"`, textField('nope')],
      ['x-queue-mode', `: "unsupported queue mode 'nope'"`, textField('nope')],
      ['x-dead-letter-routing-key', ': routing_key_but_no_dlx_defined', textField('k')],
      ['x-single-active-consumer', ': {unacceptable_type,longstr}', textField('yes')],
      ['x-delivery-limit', ' of queue type rabbit_classic_queue', int(3)],
    ])('refuse %s%s', async (name, complaint, value) => {
      await using client = await open();
      const queue = broker().name();
      expect(await client.ask('queue.declare', { queue, ...args({ [name]: value }) })).toBe(
        `channel.close 406 50.10 PRECONDITION_FAILED - invalid arg '${name}' for queue '${queue}' in vhost '/'${complaint}`,
      );
    });

    test.each([
      ['non-durable', {}],
      ['exclusive-owner', { durable: true, exclusive: true }],
      ['auto-delete', { durable: true, autoDelete: true }],
    ])('of type quorum cannot be %s', async (property, flags) => {
      await using client = await open();
      const queue = broker().name();
      const quorum = args({ 'x-queue-type': textField('quorum') });
      expect(await client.ask('queue.declare', { queue, ...flags, ...quorum })).toBe(
        `channel.close 406 50.10 PRECONDITION_FAILED - invalid property '${property}' for queue '${queue}' in vhost '/'`,
      );
    });

    test('an exclusive one is locked for others in everything but publishing', async () => {
      await using owner = await open();
      const queue = broker().name();
      await owner.ask('queue.declare', { queue, exclusive: true });
      const text = (id: string): string =>
        `channel.close 405 ${id} RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '${queue}' in vhost '/'. ${LOCKED}`;
      await using other = await open();
      const attempts = [
        ['50.10', () => other.ask('queue.declare', { queue, passive: true })],
        ['50.10', () => other.ask('queue.declare', { queue, exclusive: true })],
        ['60.20', () => other.ask('basic.consume', { queue })],
        ['60.70', () => other.ask('basic.get', { queue })],
        ['50.20', () => other.ask('queue.bind', { queue, exchange: 'amq.direct' })],
        ['50.30', () => other.ask('queue.purge', { queue })],
        ['50.40', () => other.ask('queue.delete', { queue })],
      ] as const;
      for (const [id, attempt] of attempts) {
        expect(await attempt()).toBe(text(id));
        other.send('channel.close-ok');
        await other.ask('channel.open');
      }
      await other.ask('confirm.select');
      other.publish({ routingKey: queue });
      expect(await other.next()).toBe('basic.ack deliveryTag=1 multiple=false');
    });

    test('an exclusive one goes with its connection', async () => {
      const queue = broker().name();
      const owner = await open();
      await owner.ask('queue.declare', { queue, exclusive: true });
      await owner.ask('connection.close', {}, 0);
      await owner[Symbol.asyncDispose]();
      await using other = await open();
      expect(await other.ask('queue.declare', { queue, passive: true })).toBe(
        `channel.close 404 50.10 NOT_FOUND - no queue '${queue}' in vhost '/'`,
      );
    });

    test('an auto-delete one stays until its last consumer has left', async () => {
      await using client = await open();
      const queue = broker().name();
      await client.ask('queue.declare', { queue, autoDelete: true });
      expect(await client.ask('queue.declare', { queue, passive: true })).toMatch(/-ok/);
      await client.ask('basic.consume', { queue, consumerTag: 't' });
      await client.ask('basic.cancel', { consumerTag: 't' });
      expect(await client.ask('queue.declare', { queue, passive: true })).toMatch(
        /^channel.close 404/,
      );
    });

    test('deleting a missing one is no error; purging it is', async () => {
      await using client = await open();
      expect(await client.ask('queue.delete', { queue: 'yp.missing' })).toBe(
        'queue.delete-ok messageCount=0',
      );
      expect(await client.ask('queue.purge', { queue: 'yp.missing' })).toBe(
        "channel.close 404 50.30 NOT_FOUND - no queue 'yp.missing' in vhost '/'",
      );
    });

    test('if-unused and if-empty protect one that is used or filled', async () => {
      await using client = await open();
      const queue = broker().name();
      await client.ask('queue.declare', { queue });
      await client.ask('confirm.select');
      client.publish({ routingKey: queue });
      await client.next();
      expect(await client.ask('queue.delete', { queue, ifEmpty: true })).toBe(
        `channel.close 406 50.40 PRECONDITION_FAILED - queue '${queue}' in vhost '/' not empty`,
      );
      client.send('channel.close-ok');
      await client.ask('channel.open');
      client.send('basic.qos', { prefetchCount: 1 });
      await client.next();
      await client.ask('basic.consume', { queue });
      expect(await client.drain()).toHaveLength(3);
      expect(await client.ask('queue.delete', { queue, ifUnused: true })).toBe(
        `channel.close 406 50.40 PRECONDITION_FAILED - queue '${queue}' in vhost '/' in use`,
      );
    });

    test('an empty name means the last one declared', async () => {
      await using client = await open();
      expect(await client.ask('basic.consume')).toBe(
        'channel.close 404 60.20 NOT_FOUND - no previously declared queue',
      );
      client.send('channel.close-ok');
      await client.ask('channel.open');
      const queue = broker().name();
      await client.ask('queue.declare', { queue });
      expect(await client.ask('queue.bind', { exchange: 'amq.direct' })).toBe('queue.bind-ok');
      await client.ask('confirm.select');
      client.publish({ exchange: 'amq.direct', routingKey: queue, mandatory: true });
      expect(await client.next()).toBe('basic.ack deliveryTag=1 multiple=false');
    });
  });
}
