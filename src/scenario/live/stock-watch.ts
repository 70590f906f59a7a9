/** Looks at the run's books again and again while it runs: a moment below zero must not go unseen. */
import type { Timer } from '../../kernel/clock.ts';
import { stockProblem } from '../judge/stock-rules.ts';
import type { SeenBook, StockBreach } from '../judge/observations.ts';

/** Between two looks. */
const INTERVAL_MS = 20;
/** More breaches than this say nothing new. */
const MAX_BREACHES = 20;

export interface StockWatchOptions {
  readonly after: (delayMs: number, callback: () => void) => Timer;
  readonly elapsed: () => number;
  readonly look: () => Promise<readonly SeenBook[]>;
  /** The books at each look, changed or not. */
  readonly onLook: (books: readonly SeenBook[]) => void;
}

export class StockWatch implements AsyncDisposable {
  readonly #options: StockWatchOptions;
  readonly #breaches: StockBreach[] = [];
  #timer: Timer | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: StockWatchOptions) {
    this.#options = options;
    this.#schedule();
  }

  get breaches(): readonly StockBreach[] {
    return [...this.#breaches];
  }

  /** Takes what somebody else has seen into account, too. */
  inspect(books: readonly SeenBook[]): void {
    for (const book of books) {
      const problem = stockProblem(book);
      const isNew = !this.#breaches.some((each) => each.problem === problem);
      if (problem === undefined || !isNew || this.#breaches.length >= MAX_BREACHES) continue;
      this.#breaches.push({ atMs: this.#options.elapsed(), book, problem });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#looking;
  }

  #schedule(): void {
    this.#timer = this.#options.after(INTERVAL_MS, () => {
      this.#looking = this.#look().finally(() => {
        if (!this.#isClosed) this.#schedule();
      });
    });
  }

  /** An inventory that does not answer now is judged by what it says at the end. */
  async #look(): Promise<void> {
    const books = await this.#options.look().catch(() => undefined);
    if (books === undefined) return;
    this.inspect(books);
    this.#options.onLook(books);
  }
}
