/** What a part writes, in a file with a limit: full, it becomes `<name>.log.1` and a new one begins. */
import { createWriteStream, renameSync, statSync, type WriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { finished, Writable } from 'node:stream';

export const LOG_LIMIT_BYTES = 5 * 1024 * 1024;

/** A stream into the file. Ending it closes the file. */
export class PartLog extends Writable {
  readonly #file: string;
  readonly #limitBytes: number;
  #sink: WriteStream;
  #size: number;

  constructor(file: string, limitBytes: number = LOG_LIMIT_BYTES) {
    super({ highWaterMark: 64 * 1024 });
    this.#file = file;
    this.#limitBytes = limitBytes;
    this.#size = sizeOf(file);
    this.#sink = this.#open();
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    if (this.#size > 0 && this.#size + chunk.length > this.#limitBytes) this.#turnOver();
    // After a failed write a stream takes no more: a new one does once there is room again.
    else if (this.#sink.destroyed) this.#sink = this.#open();
    this.#size += chunk.length;
    // A full disk must not stop the part that is writing: its lines are lost, its work is not.
    this.#sink.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    finished(this.#sink, () => done());
    this.#sink.end();
  }

  #turnOver(): void {
    this.#sink.end();
    try {
      renameSync(this.#file, `${this.#file}.1`);
    } catch {
      // it was never made, or may not be moved: it goes on as it is
    }
    this.#size = 0;
    this.#sink = this.#open();
  }

  #open(): WriteStream {
    return createWriteStream(this.#file, { flags: 'a', mode: 0o600 }).on('error', () => undefined);
  }
}

/** Puts the log of an earlier run aside, so that what is said of this one's failure is of this one. */
export function setAside(file: string): void {
  if (sizeOf(file) > 0) renameSync(file, `${file}.1`);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

const TAIL_BYTES = 64 * 1024;

/** The last lines of a file; none when it does not exist. */
export async function lastLines(file: string, count: number): Promise<readonly string[]> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return [];
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8').trimEnd().split('\n').filter(Boolean).slice(-count);
  } finally {
    await handle.close();
  }
}
