/** Entries in order of their sequence number: a ring buffer, constant time at both ends. */
import type { QueueEntry } from './entry.ts';

const INITIAL_CAPACITY = 16;

export class EntryDeque {
  /** Length is a power of two, so that wrapping is a mask. */
  #slots: (QueueEntry | undefined)[] = Array.from({ length: INITIAL_CAPACITY });
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  first(): QueueEntry | undefined {
    return this.#length === 0 ? undefined : this.#slots[this.#head];
  }

  shift(): QueueEntry | undefined {
    if (this.#length === 0) return undefined;
    const entry = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length--;
    return entry;
  }

  push(entry: QueueEntry): void {
    this.#reserve();
    this.#slots[this.#slot(this.#length)] = entry;
    this.#length++;
  }

  /** Puts an entry where its sequence number belongs. Cheap near either end, where requeued entries go. */
  insert(entry: QueueEntry): void {
    const at = this.#positionFor(entry.seq);
    this.#reserve();
    if (at < this.#length / 2) {
      this.#head = (this.#head - 1) & (this.#slots.length - 1);
      for (let i = 0; i < at; i++) this.#slots[this.#slot(i)] = this.#slots[this.#slot(i + 1)];
    } else {
      for (let i = this.#length; i > at; i--) {
        this.#slots[this.#slot(i)] = this.#slots[this.#slot(i - 1)];
      }
    }
    this.#slots[this.#slot(at)] = entry;
    this.#length++;
  }

  #slot(index: number): number {
    return (this.#head + index) & (this.#slots.length - 1);
  }

  /** Index of the first entry with a higher number. */
  #positionFor(seq: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#slots[this.#slot(middle)] as QueueEntry).seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #reserve(): void {
    if (this.#length < this.#slots.length) return;
    const ordered = [...this.#slots.slice(this.#head), ...this.#slots.slice(0, this.#head)];
    this.#slots = [...ordered, ...Array.from<undefined>({ length: ordered.length })];
    this.#head = 0;
  }
}
