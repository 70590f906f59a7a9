/** Finds sagas whose time has come: nobody answered them, or their rest is over. Any mediator does it for all. */
import type { Clock, Timer } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Part } from '../messaging/part.ts';
import { endOf, pauseOf, policyOf, waitOf } from '../saga/policy.ts';
import { stateOf, type SagaRow } from './saga-row.ts';
import type { Postponement, SagaStore } from './saga-store.ts';
import { sagaOf } from './sagas.ts';

/** A killed mediator's sagas are noticed so soon after their time. */
const INTERVAL_MS = 500;
const LIMIT = 200;
/** A rest that is over is taken up again when this mediator dies on it. */
const REST_PATIENCE_MS = 1_000;
/** However slow everything is, what was lost is sent again after this. */
const LONGEST_PATIENCE_MS = 10_000;

export interface SweeperOptions {
  readonly part: Pick<Part, 'clock' | 'random' | 'bus' | 'logger'>;
  readonly store: Pick<SagaStore, 'takeDue'>;
  /** Does what is due for a saga; its row is as it was before this attempt. */
  readonly onDue: (row: SagaRow) => void;
  /** How long orders take at the moment, milliseconds. */
  readonly typicalMs: () => number;
  /** What was due before is not out yet: more of it would only pile up. */
  readonly isBehind: () => boolean;
}

/** The truth is `next_at` in the database; timers in memory only make it come true sooner. */
export class Sweeper implements AsyncDisposable {
  readonly #options: SweeperOptions;
  #timer: Timer | undefined;
  /** When the next look is due, in the clock's elapsed milliseconds. */
  #wakeAt = Number.POSITIVE_INFINITY;
  #sweeping: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** How soon after the last look something is due again, milliseconds. */
  #soonestMs = INTERVAL_MS;
  #complaint: string | undefined;

  constructor(options: SweeperOptions) {
    this.#options = options;
    this.wakeIn(0);
  }

  /** Looks for due sagas after this pause at the latest. */
  wakeIn(delayMs: number): void {
    const { clock } = this.#options.part;
    const wakeAt = clock.elapsed() + Math.min(delayMs, INTERVAL_MS);
    if (this.#isClosed || wakeAt >= this.#wakeAt) return;
    this.#timer?.cancel();
    this.#wakeAt = wakeAt;
    this.#timer = this.#wake(clock, wakeAt);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#sweeping;
  }

  #wake(clock: Clock, wakeAt: number): Timer {
    const pauseMs = Math.max(0, wakeAt - clock.elapsed());
    return clock.after(pauseMs, () => {
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.#sweeping = this.#sweeping.then(() => this.#sweep());
      void this.#sweeping.then(() => this.wakeIn(this.#soonestMs));
    });
  }

  async #sweep(): Promise<void> {
    const { part, store, onDue } = this.#options;
    this.#soonestMs = INTERVAL_MS;
    try {
      for (let found = LIMIT; found === LIMIT && this.#maySend();) {
        const now = part.clock.now();
        const rows = await store.takeDue(now, LIMIT, (row) =>
          this.#noted(this.#postpone(row, now), now),
        );
        for (const row of rows) if (!this.#isPatientWith(row, now)) onDue(row);
        found = rows.length;
      }
      this.#complaint = undefined;
    } catch (error) {
      this.#complain(messageOf(error));
    }
  }

  /** Otherwise the attempts would be counted for nothing. */
  #maySend(): boolean {
    const { part, isBehind } = this.#options;
    const canSend = part.bus.isConnected() && !part.bus.isBlocked();
    return !this.#isClosed && canSend && !isBehind();
  }

  /** Twice a second would say no more than once. */
  #complain(reason: string): void {
    if (reason === this.#complaint) return;
    this.#complaint = reason;
    this.#options.part.logger.log('warn', `could not look for sagas that are due: ${reason}`);
  }

  /**
   * When all orders take long an answer that is late is not lost: asking again would make them take longer.
   * Not with an order that brought a policy of its own.
   */
  #isPatientWith(row: SagaRow, now: number): boolean {
    const saga = sagaOf(row);
    if (saga === undefined || policyOf(saga, row.data) !== undefined) return false;
    return row.pending.length > 0 && row.attempt === 1 && now < this.#patientUntil(row);
  }

  #patientUntil({ entered_at: since }: SagaRow): number {
    return since + Math.min(LONGEST_PATIENCE_MS, this.#options.typicalMs());
  }

  #postpone(row: SagaRow, now: number): Postponement {
    if (this.#isPatientWith(row, now)) {
      return { attempt: row.attempt, next_at: this.#patientUntil(row) };
    }
    const saga = sagaOf(row);
    const attempt = row.attempt + 1;
    if (saga === undefined || row.pending.length === 0) {
      return { attempt: row.attempt, next_at: now + REST_PATIENCE_MS };
    }
    const steps = row.pending.map(({ step }) => step);
    const jitter = this.#options.part.random.next();
    const pauseMs = Math.round(pauseOf(saga, row.data, { steps, attempt, jitter }));
    const wait = waitOf(saga, stateOf(row), pauseMs);
    return { attempt, next_at: endOf(wait, now, row.created_at) };
  }

  #noted(postponement: Postponement, now: number): Postponement {
    this.#soonestMs = Math.min(this.#soonestMs, postponement.next_at - now);
    return postponement;
  }
}
