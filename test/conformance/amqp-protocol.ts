/** What every broker answers on the level of connections, channels and frames. */
import { describe, expect, test } from 'vitest';

import { tableOf, type FieldTable } from '../../src/broker/codec/field-table.ts';
import { FRAME_BODY, FRAME_HEADER, FRAME_METHOD } from '../../src/broker/codec/frames.ts';
import { encodeHeader } from '../../src/broker/codec/properties.ts';
import type { BrokerUnderTest } from './brokers.ts';
import { RawClient } from './raw-client.ts';

const capable = (name: string): FieldTable =>
  tableOf({ capabilities: { type: 'F', value: tableOf({ [name]: { type: 't', value: true } }) } });

export function protocolTests(broker: () => BrokerUnderTest): void {
  const open = (options = {}): Promise<RawClient> => RawClient.open(broker().url, options);

  // Concurrent, because RabbitMQ makes refused clients wait for seconds.
  describe.concurrent('the handshake', () => {
    test('offers two mechanisms, one locale and the usual limits', async () => {
      await using client = await RawClient.dial(broker().url);
      client.sendBytes(Buffer.from('AMQP\0\0\x09\x01', 'latin1'));
      expect(await client.next()).toBe(
        'connection.start versionMajor=0 versionMinor=9 serverProperties={} mechanisms=PLAIN AMQPLAIN locales=en_US',
      );
      client.send(
        'connection.start-ok',
        { mechanism: 'PLAIN', response: Buffer.from('\0guest\0guest'), locale: 'en_US' },
        0,
      );
      expect(await client.next()).toBe(
        'connection.tune channelMax=2047 frameMax=131072 heartbeat=60',
      );
    });

    test('answers another protocol with its own header and hangs up', async () => {
      await using client = await RawClient.dial(broker().url);
      client.sendBytes(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
      await client.closed();
      expect(client.refusal).toEqual(Buffer.from('AMQP\0\0\x09\x01', 'latin1'));
    });

    test('refuses a wrong password with a close to clients that understand it', async () => {
      await using client = await RawClient.dial(broker().url);
      const url = broker().url.replace('guest:guest', 'guest:wrong');
      const clientProperties = capable('authentication_failure_close');
      expect(await client.shakeHands(url, { clientProperties })).toBe(
        'connection.close 403 0.0 ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.',
      );
    });

    test('hangs up on a wrong password of any other client', async () => {
      await using client = await RawClient.dial(broker().url);
      const url = broker().url.replace('guest:guest', 'guest:wrong');
      expect(await client.shakeHands(url, {})).toBe('socket closed');
    });

    test('knows AMQPLAIN', async () => {
      await using client = await RawClient.dial(broker().url);
      client.sendBytes(Buffer.from('AMQP\0\0\x09\x01', 'latin1'));
      await client.next();
      const response = Buffer.from(
        '\x05LOGINS\0\0\0\x05guest\x08PASSWORDS\0\0\0\x05guest',
        'latin1',
      );
      client.send('connection.start-ok', { mechanism: 'AMQPLAIN', response, locale: 'en_US' }, 0);
      expect(await client.next()).toMatch(/^connection.tune /);
    });

    test('refuses a virtual host that does not exist', async () => {
      await using client = await RawClient.dial(broker().url);
      expect(await client.shakeHands(broker().url, { vhost: 'nope' })).toBe(
        'connection.close 530 10.40 NOT_ALLOWED - vhost nope not found',
      );
    });

    test.each([
      ['frame_max above the offer', { frameMax: 200_000 }],
      ['frame_max below the minimum', { frameMax: 1_000 }],
      ['frame_max without limit', { frameMax: 0 }],
      ['channel_max above the offer', { channelMax: 3_000 }],
    ])('hangs up on a tune-ok with %s', async (_title, options) => {
      await using client = await RawClient.dial(broker().url);
      expect(await client.shakeHands(broker().url, options)).toBe('socket closed');
    });
  });

  describe('channels', () => {
    test('opening one twice closes the connection', async () => {
      await using client = await open();
      expect(await client.ask('channel.open')).toBe(
        "connection.close 504 20.10 CHANNEL_ERROR - second 'channel.open' seen",
      );
    });

    test('a method on one that is not open closes the connection', async () => {
      await using client = await open();
      expect(await client.ask('queue.declare', {}, 7)).toBe(
        "connection.close 504 50.10 CHANNEL_ERROR - expected 'channel.open'",
      );
    });

    test('a closed number can be opened again', async () => {
      await using client = await open();
      expect(await client.ask('channel.close')).toBe('channel.close-ok');
      expect(await client.ask('channel.open')).toBe('channel.open-ok channelId=');
    });

    test('after an error everything is ignored until close-ok', async () => {
      await using client = await open();
      const queue = broker().name();
      client.send('queue.declare', { queue: broker().name(), passive: true });
      client.send('queue.declare', { queue });
      client.publish({ routingKey: queue });
      expect(await client.next()).toMatch(/^channel.close 404 50.10 /);
      client.send('channel.close-ok');
      await client.ask('channel.open');
      expect(await client.ask('queue.declare', { queue, passive: true })).toMatch(
        /^channel.close 404/,
      );
    });

    test('flow can be asked for, but not stopped', async () => {
      await using client = await open();
      expect(await client.ask('channel.flow', { active: true })).toBe(
        'channel.flow-ok active=true',
      );
      expect(await client.ask('channel.flow')).toBe(
        'connection.close 540 20.20 NOT_IMPLEMENTED - active=false',
      );
    });
  });

  describe('connections', () => {
    test('cannot be opened twice', async () => {
      await using client = await open();
      expect(await client.ask('connection.open', { virtualHost: '/' }, 0)).toBe(
        'connection.close 504 10.40 CHANNEL_ERROR - unexpected method in connection state running',
      );
    });

    test('cannot be closed on a channel', async () => {
      await using client = await open();
      expect(await client.ask('connection.close')).toBe(
        'connection.close 503 10.50 COMMAND_INVALID - unimplemented method',
      );
    });

    test('answer a close', async () => {
      await using client = await open();
      expect(await client.ask('connection.close', {}, 0)).toBe('connection.close-ok');
    });

    test('take a new secret', async () => {
      await using client = await open();
      expect(await client.ask('connection.update-secret', { reason: 'r' }, 0)).toBe(
        'connection.update-secret-ok',
      );
    });

    test('beat while idle, and give up a client that does not', async () => {
      await using client = await open({ heartbeat: 1 });
      await client.closed();
      expect(client.heartbeats).toBeGreaterThanOrEqual(2);
    });
  });

  describe('frames', () => {
    const declare = Buffer.from([0, 20, 0, 10]);

    test('a wrong end octet closes the connection', async () => {
      await using client = await open();
      client.sendBytes(Buffer.from([FRAME_METHOD, 0, 2, 0, 0, 0, 4, ...declare, 0]));
      expect(await client.next()).toBe(
        'connection.close 501 0.0 FRAME_ERROR - type 1, all octets = <<0,20,0,10>>: {invalid_frame_end_marker,0}',
      );
    });

    test('an unknown type closes the connection', async () => {
      await using client = await open();
      client.sendFrame(5, declare);
      expect(await client.next()).toBe(
        'connection.close 501 0.0 FRAME_ERROR - type 5, all octets = <<0,20,0,10>>: unknown_frame',
      );
    });

    test('one that is larger than agreed closes the connection', async () => {
      await using client = await open({ frameMax: 4_096 });
      client.sendFrame(FRAME_BODY, Buffer.alloc(5_000));
      expect(await client.next()).toBe(
        'connection.close 501 0.0 FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,5000,4088}',
      );
    });

    test('arguments that are cut short close the connection', async () => {
      await using client = await open();
      client.sendFrame(FRAME_METHOD, Buffer.from([0, 50, 0, 10, 0, 0]));
      expect(await client.next()).toBe(
        'connection.close 501 50.10 FRAME_ERROR - cannot decode <<0,0>>',
      );
    });

    test.each([
      ['a body', FRAME_BODY, Buffer.from('hello')],
      ['a header', FRAME_HEADER, encodeHeader({}, 5)],
    ])('%s without a publish closes the connection', async (_title, type, payload) => {
      await using client = await open();
      client.sendFrame(type, payload);
      expect(await client.next()).toBe(
        'connection.close 505 0.0 UNEXPECTED_FRAME - expected method frame, got non method frame instead',
      );
    });

    test('a method where a header is due closes the connection', async () => {
      await using client = await open();
      client.send('basic.publish', { routingKey: 'k' });
      expect(await client.ask('basic.qos')).toBe(
        'connection.close 505 60.40 UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead',
      );
    });

    test('the header of another class closes the connection', async () => {
      await using client = await open();
      client.send('basic.publish', { routingKey: 'k' });
      const header = encodeHeader({}, 5);
      header.writeUInt16BE(50, 0);
      client.sendFrame(FRAME_HEADER, header);
      expect(await client.next()).toBe(
        'connection.close 505 60.40 UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead',
      );
    });
  });
}
