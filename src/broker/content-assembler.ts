/** Puts a publish together again: the method, its content header, its body frames. */
import { FRAME_BODY, FRAME_HEADER, type Frame } from './codec/frames.ts';
import { BASIC_CLASS, readHeaderStart } from './codec/properties.ts';
import type { Publish } from './codec/publish.ts';
import { Message } from './core/message.ts';
import { ProtocolError } from './errors.ts';

/** RabbitMQ's `max_message_size`. */
const MAX_BODY_BYTES = 128 * 1024 * 1024;

export interface Assembled {
  readonly publish: Publish;
  readonly message: Message;
}

interface Partial {
  readonly publish: Publish;
  header?: Buffer;
  /** Views of chunks that Node allocated for this socket: kept only until the message is whole. */
  bodies: Buffer[];
  missing: number;
}

export class ContentAssembler {
  #partial: Partial | undefined;

  get isWaiting(): boolean {
    return this.#partial !== undefined;
  }

  begin(publish: Publish): void {
    this.#partial = { publish, bodies: [], missing: 0 };
  }

  /** Forgets what was begun: its channel is closing. */
  reset(): void {
    this.#partial = undefined;
  }

  /** Takes a header or body frame; answers the message with its last one. @throws ProtocolError 505 */
  add(frame: Frame): Assembled | undefined {
    const partial = this.#partial;
    if (partial === undefined) {
      throw unexpected('expected method frame, got non method frame instead', 0);
    }
    if (partial.header === undefined) addHeader(partial, frame);
    else addBody(partial, frame);
    if (partial.missing !== 0) return undefined;
    this.#partial = undefined;
    return { publish: partial.publish, message: assemble(partial) };
  }
}

function addHeader(partial: Partial, { type, payload }: Frame): void {
  const expected = 'expected content header for class 60, got';
  if (type !== FRAME_HEADER) throw unexpected(`${expected} non content header frame instead`, 40);
  const { classId, bodySize } = readHeaderStart(payload);
  if (classId !== BASIC_CLASS) throw unexpected(`${expected} one for class ${classId} instead`, 40);
  partial.header = payload;
  partial.missing = bodySize;
  if (partial.missing <= MAX_BODY_BYTES) return;
  const text = `message size ${partial.missing} is larger than configured max size ${MAX_BODY_BYTES}`;
  throw new ProtocolError('precondition-failed', text);
}

function addBody(partial: Partial, { type, payload }: Frame): void {
  if (type !== FRAME_BODY) {
    throw unexpected('expected content body, got non content body frame instead', 40);
  }
  partial.missing -= payload.length;
  // A body longer than announced never completes (RabbitMQ waits for ever, too); it must not pile up.
  if (partial.missing < 0) partial.bodies = [];
  else partial.bodies.push(payload);
}

/** Copies header and body into memory of their own: a view would pin the whole chunk it came in. */
function assemble({ publish, header = Buffer.alloc(0), bodies }: Partial): Message {
  const length = bodies.reduce((sum, body) => sum + body.length, header.length);
  const bytes = Buffer.allocUnsafe(length);
  let at = header.copy(bytes, 0);
  for (const body of bodies) at += body.copy(bytes, at);
  return new Message({
    exchange: publish.exchange,
    routingKey: publish.routingKey,
    address: publish.address,
    header: bytes.subarray(0, header.length),
    body: bytes.subarray(header.length),
  });
}

function unexpected(text: string, methodId: number): ProtocolError {
  const culprit = { classId: methodId === 0 ? 0 : BASIC_CLASS, methodId };
  return new ProtocolError('unexpected-frame', text, { culprit });
}
