/** Brings the mediator's saga log into the log store: asks for what comes next, stores it, asks again. */
import { logRead, readLog } from '../../contracts/mediator.ts';
import type { BodyOf } from '../../contracts/message.ts';
import type { Clock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { RpcClient } from '../../messaging/rpc-client.ts';
import type { LogStore } from './store.ts';

/** The mediator answers as soon as there is something: this only bounds how long it holds the question. */
const WAIT_MS = 2_000;
const ANSWER_WITHIN_MS = WAIT_MS + 2_000;
/** After a page that was not full; when much is going on, entries wait a little longer for company. */
const SHORT_PAUSE_MS = 25;
const PAUSE_MS = 100;
const MUCH = 25;
const FIRST_BACKOFF_MS = 250;
const LAST_BACKOFF_MS = 10_000;
/** A mediator that restarts is no news. */
const COMPLAIN_AFTER = 3;

export interface SagaLogReaderOptions {
  readonly store: Pick<LogStore, 'shippedTo' | 'ship'>;
  readonly rpc: Pick<RpcClient, 'ask'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The position to ask from is committed together with what was read up to it: whatever crashes, nothing is
 * missed and nothing is stored twice. Several readers of one store take turns by that position.
 */
export class SagaLogReader implements AsyncDisposable {
  readonly #options: SagaLogReaderOptions;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #failures = 0;

  /** Starts at once. */
  constructor(options: SagaLogReaderOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const pauseMs = await this.#readOne();
      if (pauseMs > 0) await clock.sleep(pauseMs, signal);
    }
  }

  /** Answers how long to wait before the next page. */
  async #readOne(): Promise<number> {
    const { store } = this.#options;
    try {
      const after = await store.shippedTo();
      const { records, next, more } = await this.#ask(after);
      if (next !== after) await store.ship({ records, after, next });
      this.#failures = 0;
      if (more) return 0;
      return records.length < MUCH ? SHORT_PAUSE_MS : PAUSE_MS;
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#complain(error);
      return Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.#failures++, 10));
    }
  }

  #ask(after: string | null): Promise<BodyOf<typeof logRead>> {
    return this.#options.rpc.ask({
      service: 'mediator',
      contract: readLog,
      body: { after, waitMs: WAIT_MS },
      answer: logRead,
      withinMs: ANSWER_WITHIN_MS,
      signal: this.#closing.signal,
    });
  }

  #complain(error: unknown): void {
    if (this.#failures < COMPLAIN_AFTER) return;
    const what = `the saga log is not read at the moment: ${messageOf(error)}`;
    this.#options.logger.log('warn', what);
  }
}
