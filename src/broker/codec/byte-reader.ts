/** Reads the big-endian primitives of AMQP 0-9-1 out of a buffer, never past its end. */

/** The bytes are not what their type says; the connection answers 501. */
export class DecodeError extends Error {}

export class ByteReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #offset: number;

  constructor(bytes: Buffer, offset = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#end = end;
  }

  get offset(): number {
    return this.#offset;
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#end;
  }

  octet(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  signedOctet(): number {
    return this.#bytes.readInt8(this.#take(1));
  }

  short(): number {
    return this.#bytes.readUInt16BE(this.#take(2));
  }

  signedShort(): number {
    return this.#bytes.readInt16BE(this.#take(2));
  }

  long(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  signedLong(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  /** An unsigned 64-bit number that is small in practice (tags, sizes): exact up to 2^53. */
  longlong(): number {
    const at = this.#take(8);
    return this.#bytes.readUInt32BE(at) * 0x1_0000_0000 + this.#bytes.readUInt32BE(at + 4);
  }

  unsignedBig(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  signedBig(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  float(): number {
    return this.#bytes.readFloatBE(this.#take(4));
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  shortstr(): string {
    const length = this.octet();
    const at = this.#take(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  /** A view, not a copy, of a length-prefixed byte string. */
  longstr(): Buffer {
    return this.bytes(this.long());
  }

  /** A view, not a copy, of the next `length` bytes. */
  bytes(length: number): Buffer {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  #take(length: number): number {
    const at = this.#offset;
    if (at + length > this.#end) throw new DecodeError('the bytes end too early');
    this.#offset = at + length;
    return at;
  }
}
