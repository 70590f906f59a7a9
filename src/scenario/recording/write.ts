/** Writes a recording while its run goes on: nothing that goes wrong with the file disturbs the run. */
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { Clock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Line } from './lines.ts';

/** A CLI that is killed loses no more than this. */
const FLUSH_EVERY_MS = 1_000;
/** What is not written yet and longer than this is written at once, characters. */
const FLUSH_AT = 1_000_000;

export interface RecordingFile extends AsyncDisposable {
  readonly path: string;
  write(line: Line): void;
}

export interface RecordingFileOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** Called once at most: from then on nothing more is written. */
  readonly onProblem: (message: string) => void;
}

/** Begins a file, in the place of one that is there, and its folder when there is none. Never throws. */
export async function openRecordingFile(
  path: string,
  options: RecordingFileOptions,
): Promise<RecordingFile> {
  const file = new LiveRecordingFile(path, options);
  await file.open();
  return file;
}

class LiveRecordingFile implements RecordingFile {
  readonly path: string;
  readonly #options: RecordingFileOptions;
  #handle: FileHandle | undefined;
  #waiting: string[] = [];
  #waitingLength = 0;
  #timer: { cancel(): void } | undefined;
  /** One write after the other. */
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, options: RecordingFileOptions) {
    this.path = path;
    this.#options = options;
  }

  async open(): Promise<void> {
    try {
      await mkdir(dirname(this.path), { recursive: true });
      this.#handle = await open(this.path, 'w');
    } catch (error) {
      await this.#giveUp(error);
    }
  }

  write(line: Line): void {
    if (this.#handle === undefined) return;
    const text = `${JSON.stringify(line)}\n`;
    this.#waiting.push(text);
    this.#waitingLength += text.length;
    if (this.#waitingLength >= FLUSH_AT) this.#flush();
    else this.#timer ??= this.#options.clock.after(FLUSH_EVERY_MS, () => this.#flush());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    await this.#writing;
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close().catch(() => undefined);
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const text = this.#waiting.join('');
    this.#waiting = [];
    this.#waitingLength = 0;
    if (text === '') return;
    this.#writing = this.#append(this.#writing, text);
  }

  async #append(before: Promise<void>, text: string): Promise<void> {
    await before;
    try {
      await this.#handle?.appendFile(text);
    } catch (error) {
      await this.#giveUp(error);
    }
  }

  async #giveUp(cause: unknown): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#waiting = [];
    this.#timer?.cancel();
    this.#options.onProblem(`the run is not recorded in ${this.path}: ${messageOf(cause)}`);
    await handle?.close().catch(() => undefined);
  }
}
