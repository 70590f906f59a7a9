/** The door of the shop: so many orders may be on their way at once; while it is full or shut, others come again. */
import type { Clock, Timer } from '../kernel/clock.ts';
import { RejectedError, UserError, type WonderlandError } from '../kernel/errors.ts';
import { databaseTrouble } from '../storage/database-trouble.ts';
import { firstLimit, median, nextLimit } from './admission-limit.ts';

/** What other mediators took and finished is noticed this late; the own orders are counted as they go. */
const COUNT_EVERY_MS = 1_000;
/** A database that is away is asked more often: the shop opens as soon as it is back. */
const ASK_AGAIN_MS = 250;
const COME_AGAIN = 'Send the same request with the same Idempotency-Key again in a second.';

export interface AdmissionOptions {
  readonly clock: Clock;
  /** Orders on their way at most, those of all mediators together: they share what is behind them. Fewer while they are slow. */
  readonly limit: number;
  /** How many orders of all mediators are on their way, counted up to a number. Throws when none can be written. */
  readonly count: (upTo: number) => Promise<number>;
  /** The broker takes no messages for the time being: what is accepted would only wait. */
  readonly isBlocked: () => boolean;
}

/** One order's right to come in; exactly one of both ends counts, later calls do nothing. */
export interface Place {
  /** The order is durable: it is on its way until it is settled. */
  take(): void;
  /** The request was refused, or repeated an order that is here already. */
  leave(): void;
}

/**
 * An order is on its way from here until it is confirmed, rejected or cancelled: waiting for a mail's receipt
 * or resting until it is shipped costs nothing. The truth is counted in the database, so that a restart or
 * another mediator changes nothing; in between the own orders are added and taken away as they come and go.
 */
export class Admission implements Disposable {
  readonly #options: AdmissionOptions;
  /** On their way in the database's last count. */
  #counted = 0;
  /** Taken less settled here since then. */
  #since = 0;
  #limit: number;
  /** How long the orders took that were settled since the last count, milliseconds. */
  #tookMs: number[] = [];
  #typicalMs = 0;
  /** Let in, and not durable yet. */
  #entering = 0;
  #shutBecause: string | undefined;
  #isClosing = false;
  #isCounting = false;
  #timer: Timer | undefined;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#limit = firstLimit(options.limit);
  }

  /** No order is taken any more, and none will be. */
  get isClosed(): boolean {
    return this.#isClosing;
  }

  /** How long orders take at the moment from acceptance to settlement, milliseconds; 0 when none has been settled. */
  get typicalMs(): number {
    return this.#typicalMs;
  }

  /** Orders on their way, as far as is known here. */
  get busy(): number {
    return Math.max(0, this.#counted + this.#since) + this.#entering;
  }

  /** Counts what is on its way already, and then again and again until disposed. */
  async start(): Promise<void> {
    await this.#count();
  }

  /** Throws what a new order would be answered now; costs nothing, so that a flood can be answered too. */
  check(): void {
    const reason = this.#refusal();
    if (reason !== undefined) throw reason;
  }

  /**
   * Lets one order in.
   * @throws RejectedError `overloaded` when too many are on their way, or the mediator is closing.
   * @throws UserError `database-unreachable` while no order can be kept, `broker-unreachable` while none would move.
   */
  enter(): Place {
    this.check();
    this.#entering++;
    let isInside = true;
    const end = (taken: number): void => {
      if (!isInside) return;
      isInside = false;
      this.#entering--;
      this.#since += taken;
    };
    return { take: () => end(1), leave: () => end(0) };
  }

  /** An order is not on its way any more. `tookMs` since it was accepted, where that says how busy we are. */
  settled(tookMs?: number): void {
    this.#since--;
    if (tookMs !== undefined) this.#tookMs.push(tookMs);
  }

  /** Nothing can be written: refuses orders at once, until the database says otherwise. Answers what they are told. */
  shut(reason: string, cause?: unknown): UserError {
    this.#shutBecause = reason;
    this.#countIn(ASK_AGAIN_MS);
    return notKept(reason, cause);
  }

  /** No further orders from now on. */
  close(): void {
    this.#isClosing = true;
  }

  [Symbol.dispose](): void {
    this.close();
    this.#timer?.cancel();
  }

  #refusal(): WonderlandError | undefined {
    if (this.#isClosing) {
      return new RejectedError('overloaded', 'This mediator is closing', { hint: COME_AGAIN });
    }
    if (this.#shutBecause !== undefined) return notKept(this.#shutBecause);
    if (this.#options.isBlocked()) {
      return new UserError('broker-unreachable', 'The broker takes no messages at the moment', {
        hint: COME_AGAIN,
      });
    }
    if (this.busy < this.#limit) return undefined;
    const message = `${this.busy} orders are on their way; the shop takes no more for now`;
    return new RejectedError('overloaded', message, { hint: COME_AGAIN });
  }

  async #count(): Promise<void> {
    const { count, limit } = this.#options;
    const before = this.#since;
    this.#isCounting = true;
    this.#limit = nextLimit({ limit: this.#limit, highest: limit, tookMs: this.#tookMs });
    if (this.#tookMs.length > 0) this.#typicalMs = median(this.#tookMs);
    this.#tookMs = [];
    try {
      this.#counted = await count(2 * limit);
      this.#since -= before;
      this.#shutBecause = undefined;
    } catch (error) {
      this.#shutBecause = databaseTrouble(error) ?? 'the database cannot be read';
    }
    this.#isCounting = false;
    this.#countIn(this.#shutBecause === undefined ? COUNT_EVERY_MS : ASK_AGAIN_MS);
  }

  #countIn(delayMs: number): void {
    if (this.#isClosing || this.#isCounting) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(delayMs, () => void this.#count(), { weak: true });
  }
}

function notKept(reason: string, cause?: unknown): UserError {
  const message = `No order can be kept: ${reason}`;
  return new UserError('database-unreachable', message, { hint: COME_AGAIN, cause });
}
