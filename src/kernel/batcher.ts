/** Natural batching: what arrives while one batch runs becomes the next batch. Nobody waits for more. */

interface Entry<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface BatcherOptions<Item, Result> {
  /** Most items in one batch. */
  readonly limit: number;
  /** Works on a batch; answers one result for each item, in the same order. A throw fails the whole batch. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
}

/** Runs one batch at a time; the first item of a quiet moment starts at the end of the current tick. */
export class Batcher<Item, Result> {
  readonly #options: BatcherOptions<Item, Result>;
  #waiting: Entry<Item, Result>[] = [];
  #running: Promise<void> | undefined;

  constructor(options: BatcherOptions<Item, Result>) {
    this.#options = options;
  }

  /** Items that have not been started yet. */
  get depth(): number {
    return this.#waiting.length;
  }

  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when nothing is waiting or running. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const entries = this.#waiting.splice(0, this.#options.limit);
      await this.#runOne(entries);
    }
    this.#running = undefined;
  }

  async #runOne(entries: readonly Entry<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.run(entries.map((entry) => entry.item));
      entries.forEach((entry, index) => entry.resolve(results[index] as Result));
    } catch (error) {
      for (const entry of entries) entry.reject(error);
    }
  }
}
