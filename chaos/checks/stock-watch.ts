/** Looks at the shelves again and again while everything runs: a moment out of balance must not go unseen. */
import { liveClock as clock } from '../../src/kernel/live.ts';
import type { Place } from '../stack/chaos-stack.ts';
import { judgeBook } from './copies.ts';
import { readBooks } from './evidence.ts';
import { openRows, type Rows } from './rows.ts';
import type { Violation } from './violation.ts';

const EVERY_MS = 25;
/** More say nothing new. */
const MAX_FOUND = 20;

/** Holds and sales must add up to what the book says, in the same instant. */
const SUMS = `
  SELECT b.id, b.reserved, b.sold,
    CAST(coalesce((SELECT sum(quantity) FROM hold h WHERE h.book_id = b.id), 0) AS int) AS holds,
    CAST(coalesce((SELECT sum(quantity) FROM sale s WHERE s.book_id = b.id), 0) AS int) AS sales
  FROM book b WHERE b.reserved <> 0 OR b.sold <> 0`;

interface Sums {
  readonly id: number;
  readonly reserved: number;
  readonly sold: number;
  readonly holds: number;
  readonly sales: number;
}

export class StockWatch implements AsyncDisposable {
  readonly #place: Place;
  readonly #found = new Map<string, Violation>();
  readonly #closing = new AbortController();
  readonly #watching: Promise<void>;
  #looks = 0;

  constructor(place: Place) {
    this.#place = place;
    this.#watching = this.#watch();
  }

  /** How often it has seen the shelves. */
  get looks(): number {
    return this.#looks;
  }

  get violations(): readonly Violation[] {
    return [...this.#found.values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#watching;
  }

  /** An inventory on PostgreSQL is away when that is killed: the next look opens anew. */
  async #watch(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await using rows = await openRows(this.#place, 'inventory');
        while (!signal.aborted) {
          await this.#look(rows);
          await clock.sleep(EVERY_MS, signal);
        }
      } catch {
        await clock.sleep(EVERY_MS, signal);
      }
    }
  }

  async #look(rows: Rows): Promise<void> {
    const books = await readBooks(rows);
    const sums = await rows.all<Sums>(SUMS);
    this.#looks++;
    for (const each of [...books.flatMap(judgeBook), ...sums.flatMap(judgeSums)]) {
      if (this.#found.size < MAX_FOUND) this.#found.set(each.problem, each);
    }
  }
}

function judgeSums({ id, reserved, sold, holds, sales }: Sums): Violation[] {
  if (reserved === holds && sold === sales) return [];
  const problem = `book ${id}: ${reserved} held and ${sold} sold, but holds of ${holds} and sales of ${sales}`;
  return [{ check: 'balance', problem, look: `inventory: book, hold, sale of book ${id}` }];
}
