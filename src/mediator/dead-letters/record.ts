/** A dead letter as it is kept: what the wire says of its death, read without ever failing, and what names it. */
import { createHash } from 'node:crypto';

import { z } from 'zod';

import { DeadLetterReason, MAX_SHOWN_BYTES } from '../../contracts/dead-letters.ts';
import { OrderId } from '../../contracts/primitives.ts';
import { traceIdOf } from '../../kernel/trace.ts';
import type { RawMessage, WireTable } from '../../messaging/bus.ts';
import { DEAD_LETTER_HEADER, headersOf } from '../../messaging/dead-letter.ts';
import { DELIVERY_LIMIT } from '../../messaging/topology.ts';
import { MAX_BODY_BYTES } from '../../messaging/wire.ts';
import { jsonOf } from './wire-json.ts';

export interface DeadLetterRecord {
  readonly id: string;
  readonly reason: DeadLetterReason;
  readonly detail: string;
  readonly service: string | null;
  readonly queue: string;
  readonly exchange: string;
  readonly routing_key: string;
  readonly type: string | null;
  readonly message_id: string | null;
  readonly order_id: string | null;
  readonly trace_id: string | null;
  /** Label of the scenario run. */
  readonly run: string | null;
  /** JSON text. */
  readonly properties: string;
  /** The body, or the beginning of one that is larger than any of ours. */
  readonly content: Buffer;
  readonly is_kept: boolean;
  readonly size_bytes: number;
  /** Names this copy: the same one twice is one death, however often it is delivered. */
  readonly copy: string;
  /** Milliseconds since 1970. */
  readonly died_at: number;
}

interface Obituary extends Pick<
  DeadLetterRecord,
  'reason' | 'detail' | 'service' | 'queue' | 'exchange' | 'copy' | 'died_at'
> {
  readonly routingKey: string;
  /** What the copy says, should it have lost the header itself. */
  readonly run?: string | undefined;
}

/** What our handlers write (messaging/dead-letter.ts). */
const OurHeader = z.object({
  reason: DeadLetterReason,
  detail: z.string(),
  service: z.string(),
  queue: z.string(),
  exchange: z.string(),
  'routing-key': z.string(),
  at: z.int().min(0),
  copy: z.string(),
  run: z.string().optional(),
});

/** What brokers write: https://www.rabbitmq.com/docs/dlx#effects. Newest first. */
const Deaths = z.tuple(
  [
    z.object({
      reason: z.string(),
      queue: z.string(),
      exchange: z.string(),
      count: z.number().catch(1),
      time: z.object({ value: z.number() }).optional().catch(undefined),
      'routing-keys': z.array(z.string()).catch([]),
    }),
  ],
  z.unknown(),
);

const BROKER_REASONS: Readonly<Record<string, readonly [DeadLetterReason, string]>> = {
  delivery_limit: [
    'delivery-limit',
    `parts went while they had it in hand, more than ${DELIVERY_LIMIT} times`,
  ],
  rejected: ['rejected', 'a consumer rejected it and did not say why'],
  expired: ['expired', 'its time to live was over'],
  maxlen: ['other', 'its queue was full'],
};

/** @param receivedAt stands for the time of a death that nobody wrote down. */
export function recordOf(raw: RawMessage, receivedAt: number): DeadLetterRecord {
  const { content, properties } = raw;
  const { [DEAD_LETTER_HEADER]: ours, ...headers } = headersOf(raw);
  const obituary = fromUs(ours) ?? fromBroker(headers, receivedAt) ?? fromNobody(raw, receivedAt);
  const { routingKey, run, ...death } = obituary;
  const type = textOf(properties['type']);
  const messageId = textOf(properties['messageId']);
  const isKept = content.length <= MAX_BODY_BYTES;
  return {
    ...death,
    id: nameOf([death.queue, type, messageId], content),
    detail: clean(death.detail, 500),
    service: death.service === null ? null : clean(death.service, 255),
    queue: clean(death.queue, 255),
    exchange: clean(death.exchange, 255),
    routing_key: clean(routingKey, 255),
    type,
    message_id: messageId,
    order_id: orderOf(properties['correlationId']),
    trace_id: traceOf(headers['traceparent']),
    run: textOf(headers['run']) ?? textOf(run),
    properties: jsonOf({ ...properties, headers }),
    content: isKept ? content : content.subarray(0, MAX_SHOWN_BYTES),
    is_kept: isKept,
    size_bytes: content.length,
  };
}

function fromUs(header: unknown): Obituary | undefined {
  const { data } = OurHeader.safeParse(header);
  if (data === undefined) return undefined;
  const { 'routing-key': routingKey, at, ...rest } = data;
  return { ...rest, routingKey, died_at: at };
}

function fromBroker(headers: WireTable, receivedAt: number): Obituary | undefined {
  const { data } = Deaths.safeParse(headers['x-death']);
  if (data === undefined) return undefined;
  const [{ reason: word, queue, exchange, count, time, 'routing-keys': keys }] = data;
  const [reason, detail] = BROKER_REASONS[word] ?? ['other', `the broker says "${word}"`];
  const at = time === undefined ? receivedAt : time.value * 1_000;
  const copy = `${word}/${time?.value ?? ''}/${count}`;
  const routingKey = keys[0] ?? '';
  return { reason, detail, service: null, queue, exchange, routingKey, copy, died_at: at };
}

/** Somebody published it here by hand: where it belongs is not known, so it can't be sent there. */
function fromNobody({ exchange, routingKey }: RawMessage, receivedAt: number): Obituary {
  const detail = 'nobody wrote down why';
  const place = { service: null, queue: '', exchange, routingKey };
  return { reason: 'other', detail, ...place, copy: '', died_at: receivedAt };
}

/** The same for every copy and every attempt of a message in its queue. */
function nameOf(parts: readonly (string | null)[], content: Buffer): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).update(content);
  return hash.digest('hex').slice(0, 16);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? clean(value, 255) : null;
}

function orderOf(value: unknown): string | null {
  return OrderId.safeParse(value).data ?? null;
}

function traceOf(value: unknown): string | null {
  return typeof value === 'string' ? (traceIdOf(value) ?? null) : null;
}

/** PostgreSQL takes no NUL in a text, and a terminal no control characters. */
function clean(text: string, limit: number): string {
  return text.replaceAll(/\p{Cc}/gu, '\u{FFFD}').slice(0, limit);
}
