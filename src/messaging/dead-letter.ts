/** Dead letters on the wire: the message as it came, with one header that says why, where and by whom it was given up. */
import type { DeadLetterReason } from '../contracts/dead-letters.ts';
import { MAX_LABEL_LENGTH } from '../contracts/run-label.ts';
import { RejectedError } from '../kernel/errors.ts';
import { traceIdOf } from '../kernel/trace.ts';
import type { RawMessage, WireTable } from './bus.ts';

/** Beside the original headers; a retry takes it off again. */
export const DEAD_LETTER_HEADER = 'dead-letter';
/** How often people sent a dead letter again: a part may then try what it had given up. */
export const REDRIVEN_HEADER = 'redriven';

/** A client of ours has 64 KiB for headers: what comes close is left out of the copy. */
const MAX_HEADER_BYTES = 16_384;
const MAX_DETAIL = 500;

export interface Death {
  readonly reason: DeadLetterReason;
  /** What exactly was wrong, for people. */
  readonly detail: string;
}

export interface DeathFacts extends Death {
  readonly service: string;
  readonly queue: string;
  /** When it was given up, milliseconds since 1970. */
  readonly at: number;
  /** Names this copy: a crash before the ack makes another one. */
  readonly copy: string;
}

/**
 * The copy that goes to the dead letters: a plain reject would lose the reason. Left off is what would make
 * the broker drop it (a time to live), refuse it (another user's name) or send it elsewhere (CC, BCC).
 */
export function deadLetterOf(raw: RawMessage, facts: DeathFacts, exchange: string): RawMessage {
  const { expiration: _, userId: __, deliveryMode: ___, ...properties } = raw.properties;
  const headers = headersOf(raw);
  const isLarge = sizeOf(headers) > MAX_HEADER_BYTES;
  const kept = isLarge ? {} : withoutRouting(headers);
  return {
    exchange,
    routingKey: facts.queue,
    content: raw.content,
    properties: {
      ...properties,
      headers: { ...kept, [DEAD_LETTER_HEADER]: headerOf(raw, facts, isLarge) },
    },
  };
}

function headerOf(raw: RawMessage, facts: DeathFacts, isLarge: boolean): WireTable {
  const { traceparent, run } = headersOf(raw);
  const traceId = typeof traceparent === 'string' ? traceIdOf(traceparent) : undefined;
  const { correlationId } = raw.properties;
  const note = isLarge ? ' (its headers were too large to be kept)' : '';
  return {
    reason: facts.reason,
    detail: `${facts.detail.slice(0, MAX_DETAIL - note.length)}${note}`,
    service: facts.service,
    queue: facts.queue,
    exchange: raw.exchange,
    'routing-key': raw.routingKey,
    at: facts.at,
    copy: facts.copy,
    ...(typeof correlationId === 'string' && { order: correlationId }),
    ...(traceId !== undefined && { trace: traceId }),
    // Kept with headers that are too large as well: the run has to account for its messages.
    ...(typeof run === 'string' && run.length <= MAX_LABEL_LENGTH && { run }),
  };
}

/** The message once more for its queue, as if it had never died: the broker counts deliveries from zero. */
export function redriveOf(raw: RawMessage, queue: string, times: number): RawMessage {
  const { expiration: _, userId: __, deliveryMode: ___, ...properties } = raw.properties;
  const alive = Object.entries(withoutRouting(headersOf(raw))).filter(
    ([name]) =>
      name !== DEAD_LETTER_HEADER && !/^x-(death|(first|last)-death-|delivery-count)/.test(name),
  );
  const headers = { ...Object.fromEntries(alive), [REDRIVEN_HEADER]: times };
  return {
    exchange: '',
    routingKey: queue,
    content: raw.content,
    properties: { ...properties, headers },
  };
}

/** The headers of a message; none when they are no table. */
export function headersOf({ properties: { headers } }: RawMessage): WireTable {
  return typeof headers === 'object' && headers !== null ? (headers as WireTable) : {};
}

function withoutRouting(headers: WireTable): WireTable {
  const { CC: _, BCC: __, ...rest } = headers;
  return rest;
}

function sizeOf(headers: WireTable): number {
  return Buffer.byteLength(JSON.stringify(headers));
}

/** A part's word for a message that it can never carry out: dead-lettered instead of tried again. */
export function givenUp(detail: string, cause?: unknown): RejectedError {
  return new RejectedError('given-up', detail, { cause });
}

/** Why the handler's error ends the message; undefined when trying again may help. */
export function deathBy(error: unknown): Death | undefined {
  if (!(error instanceof RejectedError)) return undefined;
  const { code, message } = error;
  return code === 'given-up' || code === 'no-reply-queue'
    ? { reason: code, detail: message }
    : undefined;
}
