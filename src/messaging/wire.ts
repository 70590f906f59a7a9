/** The envelope on the wire: AMQP properties and headers, as DESIGN's message section has them. */
import type { Message, Options } from 'amqplib';
import { z } from 'zod';

import type { Delivery, IncomingMessage, OutgoingMessage, RawMessage } from './bus.ts';
import { REDRIVEN_HEADER } from './dead-letter.ts';

/** Larger bodies are never ours: they are dead-lettered unread. */
export const MAX_BODY_BYTES = 1_048_576;

const Text = z.string().min(1).max(255);

const Properties = z.object({
  type: Text,
  messageId: Text,
  correlationId: Text.optional(),
  replyTo: Text.optional(),
  appId: Text,
  timestamp: z.number(),
});

const Headers = z.object({
  version: z.int().min(1),
  attempt: z.int().min(1),
  'sent-at': z.number(),
  traceparent: Text.optional(),
  'in-reply-to': Text.optional(),
  run: Text.optional(),
  [REDRIVEN_HEADER]: z.int().min(1).optional(),
});

export interface Encoded {
  readonly content: Buffer;
  readonly options: Options.Publish;
}

export function encode(message: OutgoingMessage, sender: string, sentAt: number): Encoded {
  return {
    content: Buffer.from(JSON.stringify(message.body)),
    options: {
      type: message.type,
      messageId: message.id,
      ...(message.correlationId !== undefined && { correlationId: message.correlationId }),
      ...(message.replyTo !== undefined && { replyTo: message.replyTo }),
      appId: sender,
      // AMQP counts whole seconds here; the header keeps the milliseconds.
      timestamp: Math.floor(sentAt / 1_000),
      contentType: 'application/json',
      persistent: message.durable,
      mandatory: message.durable,
      headers: {
        version: message.version,
        attempt: message.attempt,
        'sent-at': sentAt,
        ...(message.traceparent !== undefined && { traceparent: message.traceparent }),
        ...(message.inReplyTo !== undefined && { 'in-reply-to': message.inReplyTo }),
        ...(message.run !== undefined && { run: message.run }),
      },
    },
  };
}

export function encodeRaw({ content, properties }: RawMessage): Encoded {
  return { content, options: { ...properties, persistent: true, mandatory: true } };
}

/** A message on its way out as the bytes and properties that would be sent. */
export function rawOutgoing(message: OutgoingMessage, sender: string, sentAt: number): RawMessage {
  const { exchange, routingKey } = message;
  const { content, options } = encode(message, sender, sentAt);
  return { exchange, routingKey, content, properties: { ...options } };
}

/** What was delivered, for a copy of it. */
export function rawOf({ fields, properties, content }: Message): RawMessage {
  return {
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    content,
    properties: defined(properties),
  };
}

/** Quorum queues count in a header how often a message came back to them. */
export function returnsOf({ properties }: Message): number {
  const count: unknown = properties.headers?.['x-delivery-count'];
  return typeof count === 'number' ? count : 0;
}

/** Reads a delivered message; a reason instead when it is not one of ours. Never throws. */
export function decode(raw: RawMessage): Delivery['content'] {
  if (raw.content.length > MAX_BODY_BYTES) {
    const detail = `the body has ${raw.content.length} bytes; ${MAX_BODY_BYTES} are allowed`;
    return { ok: false, reason: 'too-large', detail };
  }
  const properties = Properties.safeParse(raw.properties);
  if (!properties.success) return unparsable(problemOf('properties', properties.error));
  const headers = Headers.safeParse(raw.properties['headers'] ?? {});
  if (!headers.success) return unparsable(problemOf('headers', headers.error));
  const body = parseJson(raw.content);
  if (body === undefined) return unparsable('the body is not JSON');
  return { ok: true, message: incoming(raw, properties.data, headers.data, body) };
}

function incoming(
  raw: RawMessage,
  properties: z.infer<typeof Properties>,
  headers: z.infer<typeof Headers>,
  body: unknown,
): IncomingMessage {
  return {
    exchange: raw.exchange,
    routingKey: raw.routingKey,
    type: properties.type,
    version: headers.version,
    id: properties.messageId,
    correlationId: properties.correlationId,
    inReplyTo: headers['in-reply-to'],
    replyTo: properties.replyTo,
    attempt: headers.attempt,
    traceparent: headers.traceparent,
    run: headers.run,
    sender: properties.appId,
    sentAt: headers['sent-at'],
    redriven: headers[REDRIVEN_HEADER],
    body,
  };
}

/** amqplib sets absent properties to undefined; zod's `optional` takes that, but JSON null must not pass. */
function defined(properties: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}

function parseJson(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    return undefined;
  }
}

function unparsable(detail: string): Delivery['content'] {
  return { ok: false, reason: 'unparsable', detail };
}

function problemOf(where: string, error: z.ZodError): string {
  const first = error.issues[0];
  return `${where}: ${first === undefined ? 'not understood' : issueText(first)}`;
}

/** `lines.0.quantity: expected number, received string`: where, and what, in zod's words. */
export function issueText({ path, message }: Pick<z.core.$ZodIssue, 'path' | 'message'>): string {
  const what = message.replace(/^Invalid input: /, '');
  return path.length === 0 ? what : `${path.map(String).join('.')}: ${what}`;
}
