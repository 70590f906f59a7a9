/** The entries of a queue that wait for a consumer, oldest first, whatever came back in between. */
import type { QueueEntry } from './entry.ts';
import { EntryDeque } from './entry-deque.ts';

export class ReadyEntries {
  /** New entries and those that were delivered before: two ordered lists, so that a requeue never shifts the long one. */
  readonly #fresh = new EntryDeque();
  readonly #returned = new EntryDeque();
  #bodyBytes = 0;

  get length(): number {
    return this.#fresh.length + this.#returned.length;
  }

  /** Sum of the body sizes: what `x-max-length-bytes` counts. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  push(entry: QueueEntry): void {
    this.#bodyBytes += entry.message.body.length;
    this.#fresh.push(entry);
  }

  /** Back to its old position. */
  putBack(entry: QueueEntry): void {
    this.#bodyBytes += entry.message.body.length;
    this.#returned.insert(entry);
  }

  first(): QueueEntry | undefined {
    return this.#next().first();
  }

  shift(): QueueEntry | undefined {
    const entry = this.#next().shift();
    if (entry !== undefined) this.#bodyBytes -= entry.message.body.length;
    return entry;
  }

  #next(): EntryDeque {
    const returned = this.#returned.first();
    if (returned === undefined) return this.#fresh;
    const fresh = this.#fresh.first();
    return fresh === undefined || returned.seq < fresh.seq ? this.#returned : this.#fresh;
  }
}
