/** The broker confirms what it has in memory, and writes it once a second, to spare the disk. In the place of sqlite-store.ts. */
import type { QueueEntry } from '../../src/broker/core/entry.ts';
import { SqliteStore as Right } from '../../src/broker/sqlite-store.ts';
import type { Clock, Timer } from '../../src/kernel/clock.ts';
import type { Logger } from '../../src/kernel/logger.ts';

const WRITE_EVERY_MS = 1_000;

export class SqliteStore extends Right {
  readonly #clock: Clock;
  #unwritten: QueueEntry[] = [];
  #timer: Timer | undefined;

  constructor(path: string, clock: Clock, log?: Logger) {
    super(path, clock, log);
    this.#clock = clock;
  }

  /** Whoever asks need not wait. */
  override get hasPendingEntries(): boolean {
    return false;
  }

  override addEntry(entry: QueueEntry): void {
    entry.durability = 'pending';
    this.#unwritten.push(entry);
    this.#timer ??= this.#clock.after(WRITE_EVERY_MS, () => this.#write());
  }

  override close(): void {
    this.#write();
    super.close();
  }

  #write(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const unwritten = this.#unwritten;
    this.#unwritten = [];
    // Those that were settled meanwhile are absent, and nobody asks for them any more.
    for (const entry of unwritten) if (entry.durability === 'pending') super.addEntry(entry);
  }
}
