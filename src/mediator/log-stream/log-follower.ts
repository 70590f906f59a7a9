/** Answers "what comes after this in the saga log?": at once, or as soon as something does. */
import type { Pool } from 'pg';

import { MAX_LOG_PAGE } from '../../contracts/mediator.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Journal } from '../journal.ts';
import { readLogPage, type LogPage } from './log-page.ts';

/** An entry can be heard of before it can be read: an older transaction may still run. */
const RESTLESS_FOR_MS = 500;
const LOOK_AGAIN_MS = 20;

export interface LogFollowerOptions {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'listen'>;
}

/** Looks into the database when the journal says that it is worth it, and once more when a wait is over. */
export class LogFollower implements Disposable {
  readonly #options: LogFollowerOptions;
  readonly #unlisten: () => void;
  readonly #waiting = new Set<AbortController>();
  #restlessUntil = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: LogFollowerOptions) {
    this.#options = options;
    this.#unlisten = options.journal.listen(() => {
      this.#restlessUntil = options.clock.elapsed() + RESTLESS_FOR_MS;
      this.#wakeAll();
    });
  }

  /** @throws Error of the database. */
  async read(after: string | null, waitMs: number): Promise<LogPage> {
    const { pool, clock } = this.#options;
    const giveUpAt = clock.elapsed() + waitMs;
    for (;;) {
      const page = await readLogPage(pool, after, MAX_LOG_PAGE);
      const leftMs = giveUpAt - clock.elapsed();
      if (page.records.length > 0 || leftMs <= 0 || this.#isClosed) return page;
      await this.#wait(leftMs);
    }
  }

  /** Whoever waits is answered now. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#unlisten();
    this.#wakeAll();
  }

  async #wait(leftMs: number): Promise<void> {
    const { clock } = this.#options;
    const isRestless = clock.elapsed() < this.#restlessUntil;
    // While it is restless, what was heard is on its way: hearing more does not bring it sooner.
    if (isRestless) return clock.sleep(Math.min(LOOK_AGAIN_MS, leftMs));
    const woken = new AbortController();
    this.#waiting.add(woken);
    await clock.sleep(leftMs, woken.signal);
    this.#waiting.delete(woken);
  }

  #wakeAll(): void {
    for (const each of this.#waiting) each.abort();
  }
}
