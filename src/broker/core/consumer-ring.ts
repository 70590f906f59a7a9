/** The consumers of a queue, served in turn. */

/** What a queue needs of a consumer to serve it. */
interface Servable {
  readonly isReady: boolean;
}

export class ConsumerRing<Consumer extends Servable> {
  readonly #consumers: Consumer[] = [];
  #next = 0;

  get size(): number {
    return this.#consumers.length;
  }

  all(): readonly Consumer[] {
    return this.#consumers;
  }

  add(consumer: Consumer): void {
    this.#consumers.push(consumer);
  }

  /** Answers false when it was not there. */
  remove(consumer: Consumer): boolean {
    const at = this.#consumers.indexOf(consumer);
    if (at < 0) return false;
    this.#consumers.splice(at, 1);
    if (at < this.#next) this.#next--;
    return true;
  }

  removeAll(): readonly Consumer[] {
    this.#next = 0;
    return this.#consumers.splice(0);
  }

  /** The next one in turn that can take a message. */
  take(): Consumer | undefined {
    const count = this.#consumers.length;
    for (let step = 0; step < count; step++) {
      const at = (this.#next + step) % count;
      const consumer = this.#consumers[at] as Consumer;
      if (!consumer.isReady) continue;
      this.#next = (at + 1) % count;
      return consumer;
    }
    return undefined;
  }
}
