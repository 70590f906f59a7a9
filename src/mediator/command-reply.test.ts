// Goal: a reply that the saga takes can be kept, shown and told of; any other one dies alone. Method: replies at the limits of the wire.
import { expect, test } from 'vitest';

import { TimelineEntry } from '../contracts/orders.ts';
import { retryLater } from '../contracts/participant.ts';
import type { IncomingMessage } from '../messaging/bus.ts';
import { decode, encode } from '../messaging/wire.ts';
import { eventOf } from './command-reply.ts';
import { timelineOf } from './saga-row.ts';

const sagaId = '0192f0c1-7d3a-7c3e-9d2e-1a2b3c4d5e6f';
const answered = { sagaId, step: 'charge', direction: 'do' } as const;

/** What arrives when somebody sends this. */
function sent(id: string, reason: string): IncomingMessage {
  const { content, options } = encode(
    {
      exchange: '',
      routingKey: 'mediator.replies',
      type: retryLater.name,
      version: retryLater.version,
      id,
      attempt: 1,
      durable: true,
      correlationId: sagaId,
      inReplyTo: `${sagaId}:charge:do`,
      replyTo: undefined,
      traceparent: undefined,
      run: undefined,
      body: { afterMs: 1, reason },
    },
    'payment',
    1_000,
  );
  const fields = {
    exchange: '',
    routingKey: '',
    deliveryTag: 1,
    redelivered: false,
    consumerTag: '',
  };
  const decoded = decode({ content, fields, properties: options } as never);
  if (!decoded.ok) throw new Error(decoded.detail);
  return decoded.message;
}

test('the longest id that a message can have stands in the timeline', () => {
  const message = sent('m'.repeat(255), 'a rabbit 🐇');
  expect(eventOf(message, answered)).toMatchObject({ kind: 'postponed', why: 'a rabbit 🐇' });
  const payload = { status: 'charging', issued: [] };
  const entry = {
    saga_id: sagaId,
    seq: 1,
    at: 1,
    kind: 'retried',
    message_id: message.id,
    payload,
  };
  expect(TimelineEntry.safeParse(timelineOf(entry)).error).toBeUndefined();
});

test.each([
  ['m', 'a NUL \u0000'],
  ['m', 'half a rabbit \ud83d'],
  ['m\u0000', 'plain'],
])('a reply that PostgreSQL does not keep is given up: %j, %j', (id, reason) => {
  expect(() => eventOf(sent(id, reason), answered)).toThrow('PostgreSQL does not keep it');
});
