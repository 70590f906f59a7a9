/** Takes dead letters from the broker's queue into the database; any number of mediators share the work. */
import { messageOf } from '../../kernel/errors.ts';
import type { Consumer, Delivery } from '../../messaging/bus.ts';
import type { Part } from '../../messaging/part.ts';
import { recordOf, type DeadLetterRecord } from './record.ts';
import type { DeadLetterStore } from './store.ts';

/** Few at once: sagas need the database more, and a body may be large. */
const PREFETCH = 4;
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 5_000;

export class DeadLetterCollector implements AsyncDisposable {
  readonly #part: Part;
  readonly #store: DeadLetterStore;
  readonly #inHand = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #consumer: Consumer | undefined;

  constructor(part: Part, store: DeadLetterStore) {
    this.#part = part;
    this.#store = store;
  }

  async start(): Promise<void> {
    const { bus, names } = this.#part;
    this.#consumer = await bus.consume(names.deadLetterQueue, PREFETCH, (delivery) => {
      const kept = this.#keep(delivery).finally(() => this.#inHand.delete(kept));
      this.#inHand.add(kept);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer?.cancel();
    this.#closing.abort();
    await Promise.all(this.#inHand);
  }

  /** Row first, ack second: a crash between them brings the same copy again, which changes nothing. */
  async #keep(delivery: Delivery): Promise<void> {
    const { clock, logger } = this.#part;
    const record = recordOf(delivery.raw, clock.now());
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      try {
        await this.#store.save(record);
        this.#note(record);
        return delivery.ack();
      } catch (error) {
        const text = `a dead letter waits in the broker: ${messageOf(error)}`;
        logger.log('warn', text, { deadLetter: record.id });
      }
      if (this.#closing.signal.aborted) return;
      await clock.sleep(pauseMs, this.#closing.signal);
    }
  }

  /** What a part gave up it has written down itself; of what the broker gave up nobody else knows. */
  #note({ service, run, type, message_id: messageId, reason, detail }: DeadLetterRecord): void {
    if (service !== null || run === null) return;
    const message = { message: type ?? '', messageId: messageId ?? '' };
    this.#part.recorder.record({ kind: 'dead-lettered', run, ...message, reason, detail });
  }
}
