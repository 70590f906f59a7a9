/** One reader of live order events: past entries first, then live ones, each once and in order. */
import { Readable } from 'node:stream';

import type { JournalEntry } from '../contracts/orders.ts';
import type { Clock } from '../kernel/clock.ts';

/** A comment keeps proxies and clients from giving up on a quiet stream. */
const HEARTBEAT_MS = 15_000;
/** A reader that is this far behind is let go; it can come back and read the past again. */
const MAX_BUFFERED_BYTES = 4_000_000;

export class EventStream {
  readonly readable = new Readable({ read: () => undefined });
  readonly #lastSeq = new Map<string, number>();
  #held: JournalEntry[] | undefined;
  /** Nothing more is to be said. */
  #isEnded = false;
  /** The reader's end of it is marked: a byte behind that would be an error that ends the process. */
  #isSealed = false;

  constructor(clock: Clock) {
    // The first bytes tell the reader that it is connected.
    this.readable.push(':\n\n');
    this.#beat(clock);
  }

  /** Live entries wait from now on, until the past is sent. */
  hold(): void {
    this.#held = [];
  }

  /** Sends the past entries of one order, then the live ones that came meanwhile. */
  release(past: readonly JournalEntry[]): void {
    const known = past.at(-1)?.seq ?? 0;
    const news = (this.#held ?? []).filter((entry) => entry.seq > known);
    this.#held = undefined;
    for (const entry of [...past, ...news]) this.send(entry);
    if (this.#isEnded) this.#seal();
  }

  send(entry: JournalEntry): void {
    if (this.#held !== undefined) {
      this.#held.push(entry);
      return;
    }
    if (entry.seq <= (this.#lastSeq.get(entry.orderId) ?? 0)) return;
    if (entry.open) this.#lastSeq.set(entry.orderId, entry.seq);
    else this.#lastSeq.delete(entry.orderId);
    const id = `${entry.orderId}/${entry.seq}`;
    this.#push(`event: journal\nid: ${id}\ndata: ${JSON.stringify(entry)}\n\n`);
    if (this.readable.readableLength > MAX_BUFFERED_BYTES) this.readable.destroy();
  }

  /** What was sent, or is held, still arrives; then the reader sees the end. */
  end(): void {
    this.#isEnded = true;
    if (this.#held === undefined) this.#seal();
  }

  onClose(callback: () => void): void {
    this.readable.once('close', callback);
  }

  #beat(clock: Clock): void {
    const timer = clock.after(
      HEARTBEAT_MS,
      () => {
        this.#push(':\n\n');
        this.#beat(clock);
      },
      { weak: true },
    );
    this.onClose(() => timer.cancel());
  }

  #seal(): void {
    if (!this.readable.destroyed) this.readable.push(null);
    this.#isSealed = true;
  }

  #push(text: string): void {
    if (!this.readable.destroyed && !this.#isSealed) this.readable.push(text);
  }
}
