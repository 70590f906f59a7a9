/** Bytes on their way to one socket: frames are written into large blocks, so that a flush is one write. */

const BLOCK_BYTES = 64 * 1024;

export class OutputBuffer {
  #block = Buffer.allocUnsafe(0);
  #start = 0;
  #end = 0;
  #full: Buffer[] = [];
  #fullBytes = 0;

  /** Bytes that wait for the next `drain`. */
  get length(): number {
    return this.#fullBytes + this.#end - this.#start;
  }

  /** The block that the last `reserve` was for. */
  get block(): Buffer {
    return this.#block;
  }

  /** Makes room for `length` octets in one piece and answers where they go in `block`. */
  reserve(length: number): number {
    if (this.#end + length > this.#block.length) {
      this.#closeBlock();
      this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, length));
      this.#start = 0;
      this.#end = 0;
    }
    const at = this.#end;
    this.#end += length;
    return at;
  }

  append(bytes: Buffer): void {
    const at = this.reserve(bytes.length);
    bytes.copy(this.#block, at);
  }

  /** Everything written since the last call. What was handed out is never overwritten. */
  drain(): readonly Buffer[] {
    this.#closeBlock();
    this.#start = this.#end;
    const chunks = this.#full;
    this.#full = [];
    this.#fullBytes = 0;
    return chunks;
  }

  #closeBlock(): void {
    if (this.#end === this.#start) return;
    this.#full.push(this.#block.subarray(this.#start, this.#end));
    this.#fullBytes += this.#end - this.#start;
  }
}
