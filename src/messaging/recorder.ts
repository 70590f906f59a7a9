/** What a run leaves behind: one line of JSON for each point its messages passed, written before anything else happens. */
import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';

import {
  MAX_PASSAGE_TEXT,
  RecordableRun,
  RUNS_DIRECTORY,
  type Passage,
} from '../contracts/passages.ts';
import { partsOf } from '../contracts/run-label.ts';
import type { Clock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';

/** Runs are looked for, and their folders missed, this often at most. */
const LOOK_EVERY_MS = 1_000;
/** Files open at once; the one that was written to longest ago goes first. */
const MAX_OPEN = 4;
/** Runs known to be absent. */
const MAX_KNOWN = 64;

type WithoutOrigin<P> = P extends unknown ? Omit<P, 'at' | 'seq' | 'service' | 'instance'> : never;
/** A line, without what the recorder knows itself. */
export type Note = WithoutOrigin<Passage>;

export interface Recorder extends Disposable {
  /** Never throws, and takes nothing but the time of one write, if the run is recorded at all. */
  record(note: Note): void;
}

/** Where nothing is ever recorded. */
export const NO_RECORDER: Recorder = {
  record: () => undefined,
  [Symbol.dispose]: () => undefined,
};

export interface RecorderOptions {
  readonly service: string;
  readonly instance: string;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface RunFile {
  /** Undefined while there is nothing to write to. */
  fd: number | undefined;
  /** When its folder was looked for last, elapsed milliseconds. */
  lookedAt: number;
  /** Something went wrong: the run is not recorded any further. */
  isBroken: boolean;
}

/**
 * Appends to `<dataDir>/runs/<run>/<instance>.ndjson`, if that folder exists. Synchronously, so that a process
 * that is killed at a point has written down that it was there.
 */
export class FileRecorder implements Recorder {
  readonly #options: RecorderOptions;
  /** In the order of their last use. */
  readonly #runs = new Map<string, RunFile>();
  #seq = 0;
  #isClosed = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  record(note: Note): void {
    const { run } = partsOf(note.run);
    const fd = this.#fileOf(run);
    if (fd === undefined) return;
    const { service, instance, clock } = this.#options;
    const line = { at: clock.now(), seq: ++this.#seq, service, instance, ...note };
    try {
      writeSync(fd, `${JSON.stringify(line, shortened)}\n`);
    } catch (error) {
      this.#giveUp(run, error);
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const file of this.#runs.values()) close(file);
    this.#runs.clear();
  }

  #fileOf(run: string): number | undefined {
    if (this.#isClosed) return undefined;
    const now = this.#options.clock.elapsed();
    const known = this.#runs.get(run);
    const file = known ?? { fd: undefined, lookedAt: -Infinity, isBroken: false };
    this.#runs.delete(run);
    this.#runs.set(run, file);
    if (!file.isBroken && now - file.lookedAt >= LOOK_EVERY_MS) {
      file.lookedAt = now;
      this.#look(run, file);
    }
    if (known === undefined) this.#makeRoom();
    return file.fd;
  }

  /** Opens the file when its run is recorded, and closes it when it no longer is. */
  #look(run: string, file: RunFile): void {
    const { dataDir, instance } = this.#options;
    const directory = path.join(dataDir, RUNS_DIRECTORY, run);
    const isRecorded = RecordableRun.safeParse(run).success && existsSync(directory);
    if (!isRecorded) return close(file);
    if (file.fd !== undefined) return;
    try {
      file.fd = openSync(path.join(directory, `${instance}.ndjson`), 'a');
    } catch (error) {
      this.#giveUp(run, error);
      return;
    }
    const open = [...this.#runs.values()].filter((each) => each.fd !== undefined);
    for (const each of open.slice(0, -MAX_OPEN)) closeUntilNeeded(each);
  }

  #makeRoom(): void {
    const [oldest] = this.#runs;
    if (this.#runs.size <= MAX_KNOWN || oldest === undefined) return;
    close(oldest[1]);
    this.#runs.delete(oldest[0]);
  }

  #giveUp(run: string, error: unknown): void {
    const file = this.#runs.get(run);
    if (file === undefined) return;
    file.isBroken = true;
    close(file);
    this.#options.logger.log('debug', `run ${run} is not recorded any more: ${messageOf(error)}`);
  }
}

/** The next line of its run opens it again. */
function closeUntilNeeded(file: RunFile): void {
  close(file);
  file.lookedAt = -Infinity;
}

function close(file: RunFile): void {
  const { fd } = file;
  file.fd = undefined;
  if (fd === undefined) return;
  try {
    closeSync(fd);
  } catch {
    // What was written is written.
  }
}

/** Ids and reasons that came from outside may be of any length. */
function shortened(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.slice(0, MAX_PASSAGE_TEXT) : value;
}
