/** Collects the big-endian primitives of AMQP 0-9-1 into one growing buffer. */

const MAX_SHORTSTR_BYTES = 255;

export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written so far, as a view. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  octet(value: number): this {
    const at = this.#grow(1);
    this.#bytes.writeUInt8(value & 0xff, at);
    return this;
  }

  short(value: number): this {
    const at = this.#grow(2);
    this.#bytes.writeUInt16BE(value & 0xffff, at);
    return this;
  }

  long(value: number): this {
    const at = this.#grow(4);
    this.#bytes.writeUInt32BE(value >>> 0, at);
    return this;
  }

  /** An unsigned 64-bit number, exact up to 2^53. */
  longlong(value: number): this {
    const at = this.#grow(8);
    this.#bytes.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at);
    this.#bytes.writeUInt32BE(value % 0x1_0000_0000, at + 4);
    return this;
  }

  unsignedBig(value: bigint): this {
    const at = this.#grow(8);
    this.#bytes.writeBigUInt64BE(BigInt.asUintN(64, value), at);
    return this;
  }

  float(value: number): this {
    const at = this.#grow(4);
    this.#bytes.writeFloatBE(value, at);
    return this;
  }

  double(value: number): this {
    const at = this.#grow(8);
    this.#bytes.writeDoubleBE(value, at);
    return this;
  }

  /** At most 255 bytes; longer text is cut and ends in `...`, as RabbitMQ does with reply texts. */
  shortstr(text: string): this {
    let bytes = Buffer.from(text);
    if (bytes.length > MAX_SHORTSTR_BYTES) {
      bytes = Buffer.concat([bytes.subarray(0, MAX_SHORTSTR_BYTES - 3), Buffer.from('...')]);
    }
    return this.octet(bytes.length).bytes(bytes);
  }

  longstr(bytes: Buffer): this {
    return this.long(bytes.length).bytes(bytes);
  }

  bytes(bytes: Buffer): this {
    const at = this.#grow(bytes.length);
    bytes.copy(this.#bytes, at);
    return this;
  }

  /** Writes what `write` writes behind its own 32-bit length. */
  prefixed(write: () => void): this {
    const at = this.#grow(4);
    write();
    this.#bytes.writeUInt32BE(this.#length - at - 4, at);
    return this;
  }

  /** Call it before looking at `#bytes`: it may replace it. */
  #grow(length: number): number {
    const at = this.#length;
    this.#length = at + length;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }
}
