/** Publishes on a confirm channel, and what became of each: confirmed, refused, or unknown. */
import type { ConfirmChannel } from 'amqplib';

import type { Clock, Timer } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { OutgoingMessage, PublishOutcome } from './bus.ts';
import type { Encoded } from './wire.ts';

/** A broker that does not confirm for this long is as good as gone: reconnect and publish again. */
const CONFIRM_TIMEOUT_MS = 10_000;
const CHECK_EVERY_MS = 1_000;
/** A publish that a blocked broker has not read by then is reported as unknown: nobody waits for ever. */
const BLOCKED_TIMEOUT_MS = 5_000;

interface Unconfirmed {
  readonly id: string;
  since: number;
  isReturned: boolean;
  readonly settle: (outcome: PublishOutcome) => void;
}

/** Who publishes what, where. */
export interface Envelope extends Pick<OutgoingMessage, 'id' | 'exchange' | 'routingKey'> {
  readonly encoded: Encoded;
}

export class ConfirmLedger {
  readonly #channel: ConfirmChannel;
  readonly #clock: Clock;
  readonly #onSilence: () => void;
  readonly #unconfirmed = new Set<Unconfirmed>();
  #timer: Timer;
  #isBlocked = false;

  /** `onSilence` is called when the broker has not confirmed in time. */
  constructor(channel: ConfirmChannel, clock: Clock, onSilence: () => void) {
    this.#channel = channel;
    this.#clock = clock;
    this.#onSilence = onSilence;
    channel.on('return', (raw) => this.#markReturned(raw.properties.messageId ?? ''));
    this.#timer = this.#checkSoon();
  }

  get isEmpty(): boolean {
    return this.#unconfirmed.size === 0;
  }

  /** Resolves when every confirm that is due has come. */
  async settled(): Promise<void> {
    await this.#channel.waitForConfirms().catch(() => undefined);
  }

  publish({ id, exchange, routingKey, encoded }: Envelope): Promise<PublishOutcome> {
    return new Promise((resolve) => {
      const entry: Unconfirmed = {
        id,
        since: this.#clock.elapsed(),
        isReturned: false,
        settle: (outcome) => {
          if (this.#unconfirmed.delete(entry)) resolve(outcome);
        },
      };
      this.#unconfirmed.add(entry);
      const { content, options } = encoded;
      try {
        this.#channel.publish(exchange, routingKey, content, options, (error) =>
          entry.settle(outcomeOf(error, entry)),
        );
      } catch (error) {
        entry.settle({ outcome: 'refused', reason: messageOf(error) });
      }
    });
  }

  /** A broker that has told us to wait is not silent: the time does not count. */
  setBlocked(isBlocked: boolean): void {
    this.#isBlocked = isBlocked;
    for (const entry of this.#unconfirmed) entry.since = this.#clock.elapsed();
  }

  /** The connection is gone: what was not confirmed may have arrived or not. */
  end(reason: string): void {
    this.#timer.cancel();
    // amqplib's confirm callbacks may never come after a disconnect.
    for (const entry of this.#unconfirmed) entry.settle({ outcome: 'unknown', reason });
  }

  /** A return comes before the confirm of the same publish, on the same channel. */
  #markReturned(id: string): void {
    for (const entry of this.#unconfirmed) {
      if (entry.id !== id || entry.isReturned) continue;
      entry.isReturned = true;
      return;
    }
  }

  #checkSoon(): Timer {
    return this.#clock.after(CHECK_EVERY_MS, () => this.#check(), { weak: true });
  }

  #check(): void {
    this.#timer = this.#checkSoon();
    if (this.#isBlocked) return this.#giveUpBlocked();
    const [oldest] = this.#unconfirmed;
    if (oldest === undefined) return;
    if (this.#clock.elapsed() - oldest.since > CONFIRM_TIMEOUT_MS) this.#onSilence();
  }

  /** The connection stays: there is nothing wrong with it. */
  #giveUpBlocked(): void {
    const reason = 'the broker takes no messages';
    for (const entry of this.#unconfirmed) {
      const waitedMs = this.#clock.elapsed() - entry.since;
      if (waitedMs > BLOCKED_TIMEOUT_MS) entry.settle({ outcome: 'unknown', reason });
    }
  }
}

/** amqplib's word for a nack; any other error means that the channel went before the answer came. */
const NACKED = 'message nacked';

function outcomeOf(error: unknown, entry: Unconfirmed): PublishOutcome {
  if (error instanceof Error) {
    return error.message === NACKED
      ? { outcome: 'refused', reason: 'the broker refused it (queue full or lost)' }
      : { outcome: 'unknown', reason: error.message };
  }
  if (entry.isReturned)
    return { outcome: 'refused', reason: 'no queue takes it', isUnroutable: true };
  return { outcome: 'confirmed' };
}
