/** What the parts write down of a run: a directory that tells them to, and the lines in it as they come. */
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { Passage, RUNS_DIRECTORY } from '../../contracts/passages.ts';
import { partsOf } from '../../contracts/run-label.ts';
import type { PassageLine } from '../recording/lines.ts';

/** Where the parts of a stack look for runs to write down, below their data directory. */
export function runsDirectory(dataDir: string): string {
  return path.join(dataDir, RUNS_DIRECTORY);
}

const CHUNK_BYTES = 1_048_576;

export interface PassageFilesOptions {
  readonly dataDir: string;
  readonly run: string;
  /** Wall clock of the beginning, milliseconds since 1970. */
  readonly startedAt: number;
}

/** Disposing removes the directory: nobody writes any more. */
export class PassageFiles implements AsyncDisposable {
  readonly #options: PassageFilesOptions;
  readonly #directory: string;
  /** By file: how far it was read, and the line that is not complete yet. */
  readonly #read = new Map<string, { offset: number; rest: string }>();
  /** One after the other: two at once would take the same lines twice, and miss others. */
  #reading: Promise<unknown> = Promise.resolve();

  private constructor(options: PassageFilesOptions) {
    this.#options = options;
    this.#directory = path.join(runsDirectory(options.dataDir), options.run);
  }

  /** From now on the parts write down what passes of this run. */
  static async open(options: PassageFilesOptions): Promise<PassageFiles> {
    const files = new PassageFiles(options);
    await mkdir(files.#directory, { recursive: true, mode: 0o700 });
    return files;
  }

  /** What was added since the last call, by time. */
  readNew(): Promise<PassageLine[]> {
    const reading = this.#reading.then(() => this.#readAll());
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #readAll(): Promise<PassageLine[]> {
    const names = await readdir(this.#directory).catch(() => []);
    const lines = await Promise.all(names.map((name) => this.#readFile(name)));
    return lines.flat().toSorted((a, b) => a.atMs - b.atMs || a.seq - b.seq);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reading;
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 3 });
  }

  async #readFile(name: string): Promise<PassageLine[]> {
    const state = this.#read.get(name) ?? { offset: 0, rest: '' };
    this.#read.set(name, state);
    await using file = await open(path.join(this.#directory, name), 'r');
    const { size } = await file.stat();
    const found: PassageLine[] = [];
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(size - state.offset, 1)));
    while (state.offset < size) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, state.offset);
      if (bytesRead === 0) break;
      // Split at bytes, so that no character is cut in two: whole lines only are decoded.
      const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
      const taken = end === 0 ? bytesRead : end;
      const lines = (state.rest + buffer.toString('utf8', 0, taken)).split('\n');
      state.offset += taken;
      state.rest = lines.pop() ?? '';
      for (const line of lines) found.push(...this.#lineOf(line));
    }
    return found;
  }

  /** A line that a full disk cut short says nothing. */
  #lineOf(text: string): PassageLine[] {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return [];
    }
    const parsed = Passage.safeParse(value);
    if (!parsed.success) return [];
    const { at, run, kind: what, ...rest } = parsed.data;
    const { order } = partsOf(run);
    const atMs = at - this.#options.startedAt;
    return [
      {
        ...rest,
        kind: 'passage',
        what,
        atMs,
        ...(order !== undefined && { order }),
      } as PassageLine,
    ];
  }
}
