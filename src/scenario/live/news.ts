/** News of orders from the mediator's event stream: a reason to look, never the truth itself. */
import { JournalEntry } from '../../contracts/orders.ts';
import { eventsOf } from '../../mediator/client/event-stream.ts';
import type { Connection } from './connection.ts';

/** Before the stream is asked for again after it broke. */
const RECONNECT_MS = 100;

/** Listens until disposed; a broken stream is opened again, and what was missed is missed. */
export class News implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #isOurs: (entry: JournalEntry) => boolean;
  #isUnread = false;
  #listening: Promise<void> = Promise.resolve();

  private constructor(connection: Connection, isOurs: (entry: JournalEntry) => boolean) {
    this.#connection = connection;
    this.#isOurs = isOurs;
  }

  /** @throws UserError when the mediator does not answer. */
  static async open(
    connection: Connection,
    isOurs: (entry: JournalEntry) => boolean,
  ): Promise<News> {
    const news = new News(connection, isOurs);
    news.#listening = news.#listen(await news.#stream());
    return news;
  }

  /** Resolves at the next entry, at once when one came since the last call, or after `withinMs`. */
  async next(withinMs: number): Promise<void> {
    if (this.#isUnread) {
      this.#isUnread = false;
      return;
    }
    const heard = new AbortController();
    const listener = (): void => heard.abort();
    this.#listeners.add(listener);
    await this.#connection.clock.sleep(Math.max(0, withinMs), heard.signal);
    this.#listeners.delete(listener);
    this.#isUnread = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#listening;
  }

  #stream(): Promise<ReadableStream<Uint8Array>> {
    return this.#connection.http.stream('/events', this.#closing.signal);
  }

  async #listen(first: ReadableStream<Uint8Array>): Promise<void> {
    for (
      let stream: ReadableStream<Uint8Array> | undefined = first;
      !this.#closing.signal.aborted;
    ) {
      if (stream !== undefined) await this.#read(stream);
      await this.#connection.clock.sleep(RECONNECT_MS, this.#closing.signal);
      stream = await this.#stream().catch(() => undefined);
    }
  }

  /** Reads until the stream ends; that it broke is no news. */
  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    try {
      for await (const data of eventsOf(stream)) {
        const entry = JournalEntry.safeParse(JSON.parse(data));
        if (entry.success && this.#isOurs(entry.data)) this.#tell();
      }
    } catch {
      return;
    }
  }

  #tell(): void {
    this.#isUnread = true;
    for (const listener of this.#listeners) listener();
  }
}
