/** Writes deliveries by hand: method, header and body frames into one piece of output, without decoding anything. */
import {
  FRAME_BODY,
  FRAME_END,
  FRAME_HEADER,
  FRAME_METHOD,
  FRAME_OVERHEAD,
  writePrefix,
} from './frames.ts';
import type { OutputBuffer } from './output-buffer.ts';

export interface Content {
  readonly header: Buffer;
  readonly body: Buffer;
}

export interface Delivery {
  readonly channel: number;
  /** The consumer tag with its length octet. */
  readonly consumerTag: Buffer;
  readonly deliveryTag: number;
  readonly redelivered: boolean;
  /** Exchange and routing key as two shortstr. */
  readonly address: Buffer;
  readonly content: Content;
}

/** Class and method id, delivery tag, redelivered flag. */
const DELIVER_FIXED_BYTES = 4 + 8 + 1;
const BASIC_DELIVER = (60 << 16) | 60;

/** Writes basic.deliver with its content; bodies are split to `frameMax` (0 = never). */
export function writeDelivery(out: OutputBuffer, delivery: Delivery, frameMax: number): void {
  const { channel, consumerTag, address, content } = delivery;
  const size = DELIVER_FIXED_BYTES + consumerTag.length + address.length;
  let at = out.reserve(FRAME_OVERHEAD + size + contentBytes(content, frameMax));
  const { block } = out;
  at = writePrefix(block, at, { type: FRAME_METHOD, channel, size });
  at = block.writeUInt32BE(BASIC_DELIVER, at);
  at += consumerTag.copy(block, at);
  at = writeDeliveryTag(block, at, delivery.deliveryTag);
  block[at++] = delivery.redelivered ? 1 : 0;
  at += address.copy(block, at);
  block[at++] = FRAME_END;
  copyContent(block, at, { channel, content, frameMax });
}

/** Writes the header and body frames that follow a basic.return or basic.get-ok. */
export function writeContent(
  out: OutputBuffer,
  channel: number,
  { content, frameMax }: { readonly content: Content; readonly frameMax: number },
): void {
  const at = out.reserve(contentBytes(content, frameMax));
  copyContent(out.block, at, { channel, content, frameMax });
}

function writeDeliveryTag(block: Buffer, at: number, tag: number): number {
  const next = block.writeUInt32BE(Math.floor(tag / 0x1_0000_0000), at);
  return block.writeUInt32BE(tag % 0x1_0000_0000, next);
}

function bodyLimit(frameMax: number): number {
  return frameMax === 0 ? Infinity : frameMax - FRAME_OVERHEAD;
}

function contentBytes({ header, body }: Content, frameMax: number): number {
  const bodyFrames = Math.ceil(body.length / Math.min(bodyLimit(frameMax), body.length || 1));
  return header.length + body.length + FRAME_OVERHEAD * (1 + bodyFrames);
}

interface ContentTarget {
  readonly channel: number;
  readonly content: Content;
  readonly frameMax: number;
}

function copyContent(block: Buffer, start: number, target: ContentTarget): void {
  const { channel, content, frameMax } = target;
  const { header, body } = content;
  let at = writePrefix(block, start, { type: FRAME_HEADER, channel, size: header.length });
  at += header.copy(block, at);
  block[at++] = FRAME_END;
  const limit = bodyLimit(frameMax);
  for (let from = 0; from < body.length; from += limit) {
    const to = Math.min(from + limit, body.length);
    at = writePrefix(block, at, { type: FRAME_BODY, channel, size: to - from });
    at += body.copy(block, at, from, to);
    block[at++] = FRAME_END;
  }
}
