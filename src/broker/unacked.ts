/** What a channel delivered and its client has not settled yet, by delivery tag. */
import type { Consumer } from './consumer.ts';
import type { QueueEntry } from './core/entry.ts';
import type { Queue } from './core/queue.ts';
import { unknownDeliveryTag } from './errors.ts';

export interface Unacked {
  readonly entry: QueueEntry;
  readonly queue: Queue;
  /** Absent for basic.get. */
  readonly consumer: Consumer | undefined;
}

export class UnackedDeliveries {
  /** In order of delivery, as a Map iterates. */
  readonly #byTag = new Map<number, Unacked>();

  get size(): number {
    return this.#byTag.size;
  }

  add(tag: number, unacked: Unacked): void {
    this.#byTag.set(tag, unacked);
  }

  /**
   * Takes out one delivery, or all up to and including the tag (tag 0: all there are).
   * @throws ProtocolError 406 when the tag is unknown or settled already
   */
  take(tag: number, multiple: boolean): readonly Unacked[] {
    if (multiple && tag === 0) return this.takeAll();
    const one = this.#byTag.get(tag);
    if (one === undefined) throw unknownDeliveryTag(tag);
    if (!multiple) {
      this.#byTag.delete(tag);
      return [one];
    }
    return this.#takeUpTo(tag);
  }

  takeAll(): readonly Unacked[] {
    const all = [...this.#byTag.values()];
    this.#byTag.clear();
    return all;
  }

  #takeUpTo(last: number): readonly Unacked[] {
    const taken: Unacked[] = [];
    for (const [tag, unacked] of this.#byTag) {
      if (tag > last) break;
      taken.push(unacked);
      this.#byTag.delete(tag);
    }
    return taken;
  }
}
