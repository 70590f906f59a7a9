/** Is a disk full or ill at the moment? Which of SQLite's errors pass by themselves, and who is told when that changes. */
import type { Logger } from '../kernel/logger.ts';

/** Of the disk, not of the data: the same write may succeed later. */
const PASSING = /^SQLITE_(?:FULL|READONLY|IOERR|BUSY|LOCKED|CANTOPEN|NOMEM)/;

/** Can the same write succeed at another time? */
export function isPassing(error: unknown): error is Error {
  const code = (error as { code?: unknown } | null)?.code;
  return error instanceof Error && typeof code === 'string' && PASSING.test(code);
}

export class DiskTrouble {
  readonly #log: Logger;
  readonly #listeners = new Set<() => void>();
  #isOn = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Says once that it began. */
  began({ message }: Error): void {
    if (this.#isOn) return;
    this.#log.log('warn', `cannot write, publishers have to wait: ${message}`);
    this.#turn(true);
  }

  ended(): void {
    if (!this.#isOn) return;
    this.#log.log('info', 'can write again');
    this.#turn(false);
  }

  #turn(isOn: boolean): void {
    this.#isOn = isOn;
    for (const listener of this.#listeners) listener();
  }
}
