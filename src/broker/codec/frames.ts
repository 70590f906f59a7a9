/** Frames: cutting them out of a TCP stream, and wrapping payloads into them. */

export const FRAME_METHOD = 1;
export const FRAME_HEADER = 2;
export const FRAME_BODY = 3;
export const FRAME_HEARTBEAT = 8;
export const FRAME_END = 0xce;
/** Octets around a payload: type, channel, size in front; the end octet behind. */
export const FRAME_OVERHEAD = 8;
const PREFIX_BYTES = 7;

export const PROTOCOL_HEADER = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]);
export const HEARTBEAT = Buffer.from([FRAME_HEARTBEAT, 0, 0, 0, 0, 0, 0, FRAME_END]);

export interface Frame {
  readonly type: number;
  readonly channel: number;
  /** A view into the chunk it came in: copy what outlives the tick. */
  readonly payload: Buffer;
}

/** The stream is no longer made of frames; RabbitMQ's wording after "FRAME_ERROR - ". */
export class FrameError extends Error {}

/** Cuts frames out of chunks; keeps at most one incomplete frame. */
export class FrameParser {
  /** Largest frame the peer may send, overhead included; 0 = no limit. */
  frameMax: number;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #wanted = PREFIX_BYTES;

  constructor(frameMax: number) {
    this.frameMax = frameMax;
  }

  /** Calls `take` for each complete frame in order, until it answers false. @throws FrameError */
  push(chunk: Buffer, take: (frame: Frame) => boolean): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    // Joining only when a whole frame is there keeps large bodies linear in time.
    if (this.#buffered < this.#wanted) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    this.#keep(bytes.subarray(this.#cut(bytes, take)));
  }

  #cut(bytes: Buffer, take: (frame: Frame) => boolean): number {
    let at = 0;
    while (bytes.length - at >= PREFIX_BYTES) {
      const size = bytes.readUInt32BE(at + 3);
      const type = bytes.readUInt8(at);
      this.#checkSize(type, size);
      const end = at + PREFIX_BYTES + size;
      if (bytes.length <= end) {
        this.#wanted = size + FRAME_OVERHEAD;
        return at;
      }
      const payload = bytes.subarray(at + PREFIX_BYTES, end);
      checkEnd(type, payload, bytes.readUInt8(end));
      const channel = bytes.readUInt16BE(at + 1);
      at = end + 1;
      if (!take({ type, channel, payload })) return bytes.length;
    }
    this.#wanted = PREFIX_BYTES;
    return at;
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#buffered = rest.length;
  }

  #checkSize(type: number, size: number): void {
    const limit = this.frameMax - FRAME_OVERHEAD;
    if (this.frameMax === 0 || size <= limit) return;
    throw new FrameError(`type ${type}, all octets = <<>>: {frame_too_large,${size},${limit}}`);
  }
}

function checkEnd(type: number, payload: Buffer, end: number): void {
  if (end === FRAME_END) return;
  throw new FrameError(
    `type ${type}, all octets = ${erlangBinary(payload)}: {invalid_frame_end_marker,${end}}`,
  );
}

/** Bytes as Erlang prints them: error texts quote them so. Cut early, the text is cut at 255 anyway. */
export function erlangBinary(bytes: Buffer): string {
  return `<<${[...bytes.subarray(0, 100)].join(',')}>>`;
}

/** A payload in its frame, as one buffer. */
export function frameOf(type: number, channel: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(payload.length + FRAME_OVERHEAD);
  writePrefix(frame, 0, { type, channel, size: payload.length });
  payload.copy(frame, PREFIX_BYTES);
  frame[PREFIX_BYTES + payload.length] = FRAME_END;
  return frame;
}

/** Writes the seven octets in front of a payload and returns the offset behind them. */
export function writePrefix(
  target: Buffer,
  at: number,
  frame: { readonly type: number; readonly channel: number; readonly size: number },
): number {
  target[at] = frame.type;
  target[at + 1] = frame.channel >>> 8;
  target[at + 2] = frame.channel & 0xff;
  return target.writeUInt32BE(frame.size, at + 3);
}
