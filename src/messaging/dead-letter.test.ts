import { describe, expect, it } from 'vitest';

import type { RawMessage, WireTable } from './bus.ts';
import { deadLetterOf, redriveOf } from './dead-letter.ts';

const TRACE = '0123456789abcdef0123456789abcdef';

function raw(properties: WireTable): RawMessage {
  return {
    exchange: 'wonderland.commands',
    routingKey: 'payment',
    content: Buffer.from([0, 255, 123]),
    properties,
  };
}

const FACTS = {
  reason: 'unparsable',
  detail: 'the body is not JSON',
  service: 'payment',
  queue: 'payment.commands',
  at: 1_000,
  copy: 'c1',
} as const;

describe('the copy for the dead letters', () => {
  it('has the bytes and properties of the message, and a header that says why and whose it was', () => {
    const traceparent = `00-${TRACE}-0123456789abcdef-01`;
    const headers = { traceparent, nested: { list: [1, 'two'] } };
    const message = raw({ type: 't', messageId: 'm', correlationId: 'order-1', headers });
    expect(deadLetterOf(message, FACTS, 'dlx')).toEqual({
      exchange: 'dlx',
      routingKey: 'payment.commands',
      content: message.content,
      properties: {
        type: 't',
        messageId: 'm',
        correlationId: 'order-1',
        headers: {
          ...headers,
          'dead-letter': {
            ...FACTS,
            exchange: 'wonderland.commands',
            'routing-key': 'payment',
            order: 'order-1',
            trace: TRACE,
          },
        },
      },
    });
  });

  it('leaves off what the broker would drop, refuse or send elsewhere', () => {
    const headers = { CC: ['elsewhere'], BCC: ['elsewhere'], kept: 1 };
    const copy = deadLetterOf(raw({ expiration: '1', userId: 'bob', headers }), FACTS, 'dlx');
    expect(copy.properties).toEqual({
      headers: { kept: 1, 'dead-letter': expect.any(Object) },
    });
  });

  it('is made of a message without headers, and of one whose headers are too many to be sent again', () => {
    expect(deadLetterOf(raw({}), FACTS, 'dlx').properties['headers']).toMatchObject({
      'dead-letter': { reason: 'unparsable' },
    });
    const headers = { large: 'x'.repeat(60_000) };
    const { properties } = deadLetterOf(raw({ headers }), FACTS, 'dlx');
    expect(properties['headers']).toEqual({
      'dead-letter': expect.objectContaining({ detail: expect.stringContaining('too large') }),
    });
  });
});

describe('a retry', () => {
  it('sends the message to its queue as if it had never died, and counts', () => {
    const headers = {
      attempt: 3,
      'dead-letter': {},
      'x-death': [],
      'x-first-death-queue': 'q',
      'x-last-death-reason': 'rejected',
      'x-delivery-count': 10,
    };
    const message = raw({ type: 't', messageId: 'm', headers });
    expect(redriveOf(message, 'payment.commands', 2)).toEqual({
      exchange: '',
      routingKey: 'payment.commands',
      content: message.content,
      properties: { type: 't', messageId: 'm', headers: { attempt: 3, redriven: 2 } },
    });
  });
});
