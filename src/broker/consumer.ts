/** A subscription of a channel to a queue, with its window of unacked messages. */
import type { QueueEntry } from './core/entry.ts';
import type { Queue, QueueConsumer } from './core/queue.ts';

/** What a consumer needs of its channel. */
export interface ConsumerHost {
  /** May it send more, and does the window of the whole channel allow more unacked messages? */
  readonly isCongested: boolean;
  readonly hasWindow: boolean;
  deliver(consumer: Consumer, entry: QueueEntry): void;
  consumerCancelled(consumer: Consumer): void;
}

export interface ConsumerOptions {
  readonly tag: string;
  readonly queue: Queue;
  readonly noAck: boolean;
  readonly isExclusive: boolean;
  /** Most unacked messages; 0 = any number. */
  readonly prefetch: number;
}

/** A consumer tag with its length octet, as deliveries carry it. */
export function encodeTag(tag: string): Buffer {
  const bytes = Buffer.from(tag);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

export class Consumer implements QueueConsumer {
  readonly tag: string;
  readonly tagBytes: Buffer;
  readonly queue: Queue;
  readonly noAck: boolean;
  readonly isExclusive: boolean;
  readonly #prefetch: number;
  readonly #host: ConsumerHost;
  unacked = 0;

  constructor(options: ConsumerOptions, host: ConsumerHost) {
    this.tag = options.tag;
    this.tagBytes = encodeTag(options.tag);
    this.queue = options.queue;
    this.noAck = options.noAck;
    this.isExclusive = options.isExclusive;
    this.#prefetch = options.prefetch;
    this.#host = host;
  }

  get isReady(): boolean {
    if (this.#host.isCongested) return false;
    if (this.noAck) return true;
    return (this.#prefetch === 0 || this.unacked < this.#prefetch) && this.#host.hasWindow;
  }

  deliver(entry: QueueEntry): void {
    this.#host.deliver(this, entry);
  }

  queueDeleted(): void {
    this.#host.consumerCancelled(this);
  }
}
