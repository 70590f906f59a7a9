/** The saga journal on the events exchange: every mediator publishes its part and hears that of all. */
import { journal, type JournalEntry } from '../contracts/orders.ts';
import { Batcher } from '../kernel/batcher.ts';
import { outgoing, type Subscription } from '../messaging/bus.ts';
import type { Part } from '../messaging/part.ts';

const MAX_ENTRIES = 500;
/** A broker that is slow or away costs live views some news, and never memory: the saga log has all of it. */
const MAX_WAITING = 20_000;
const CLOSE_WITHIN_MS = 500;
const ROUTING_KEY = 'order.journal';
/** Between two messages: under load entries travel together, a quiet journal speaks at once. */
const PAUSE_MS = 5;

type Listener = (entry: JournalEntry) => void;

/** For live views only: what is missed here is still in the saga log. */
export class Journal implements AsyncDisposable {
  readonly #part: Part;
  readonly #listeners = new Set<Listener>();
  readonly #outbox: Batcher<JournalEntry, void>;
  #subscription: Subscription | undefined;

  private constructor(part: Part) {
    this.#part = part;
    this.#outbox = new Batcher({ limit: MAX_ENTRIES, run: (entries) => this.#send(entries) });
  }

  static async open(part: Part): Promise<Journal> {
    const opened = new Journal(part);
    const binding = { exchange: part.names.events, routingKey: ROUTING_KEY };
    opened.#subscription = await part.bus.subscribe([binding], (message) => {
      const body = journal.body.safeParse(message.body);
      if (!body.success) return;
      for (const entry of body.data.entries) {
        for (const listener of opened.#listeners) listener(entry);
      }
    });
    return opened;
  }

  publish(entries: readonly JournalEntry[]): void {
    if (this.#outbox.depth >= MAX_WAITING) return;
    for (const entry of entries) void this.#outbox.submit(entry);
  }

  /** Hears every entry of every mediator until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.race([this.#outbox.idle(), this.#part.clock.sleep(CLOSE_WITHIN_MS)]);
    await this.#subscription?.cancel();
  }

  async #send(entries: readonly JournalEntry[]): Promise<readonly void[]> {
    await this.#part.bus.publish(
      outgoing(
        journal,
        { entries: [...entries] },
        {
          exchange: this.#part.names.events,
          routingKey: ROUTING_KEY,
          id: `journal:${this.#part.ids.hex(8)}`,
          durable: false,
        },
      ),
    );
    await this.#part.clock.sleep(PAUSE_MS);
    return entries.map(() => undefined);
  }
}
