/** The life of a message in every part, past its points: deliver, handle, commit, committed, reply, publish, confirm, ack. */
import { setMaxListeners } from 'node:events';

import { findContract } from '../contracts/registry.ts';
import { ping } from '../contracts/participant.ts';
import { BugError, messageOf } from '../kernel/errors.ts';
import { accept } from './acceptance.ts';
import type { Consumer, Delivery, IncomingMessage, OutgoingMessage } from './bus.ts';
import { deadLetterOf, deathBy, type Death } from './dead-letter.ts';
import { Lane } from './lane.ts';
import type { Part } from './part.ts';
import { readableOf, type Named } from './passing.ts';
import { factsOf, Points, type Mangle } from './points.ts';
import { forwardUntilConfirmed } from './publisher.ts';
import { decode } from './wire.ts';

const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 5_000;
/** What is in hand when the part closes may take this long to end by itself; then it has to let go. */
const FINISH_WITHIN_MS = 3_500;
const LET_GO_WITHIN_MS = 500;
/** A message that came back this often may be what parts crash over: it is handled alone. */
const SUSPECT_RETURNS = 2;

/** What a handler gets beside the message. */
export interface Handling {
  /** Set when a fault asks the part to say no, with this reason. */
  readonly declineWith: string | undefined;
  /**
   * To be called inside the transaction, right before it commits, and waited for when a promise comes back: a
   * fault may want it to stay open for a while. Throws when a fault says so.
   */
  readonly beforeCommit: () => void | Promise<void>;
  /** To be called when the message changes nothing, because its effect happened before. */
  readonly noteDuplicate: () => void;
  readonly redelivered: boolean;
}

export interface HandlerOptions {
  readonly queue: string;
  /** Messages in hand at once. */
  readonly prefetch: number;
  /** Does the effect, once, and answers what to publish before the message is acked. */
  readonly handle: (
    message: IncomingMessage,
    handling: Handling,
  ) => Promise<readonly OutgoingMessage[]>;
  /** Off for the logging service: a record of each record would never end. */
  readonly isRecorded?: boolean;
  /** An answer for a handler that threw; undefined to keep the message and try again. */
  readonly onError: (message: IncomingMessage, error: unknown) => OutgoingMessage | undefined;
  /** What whoever waits for an answer is told, once, of a message that became a dead letter. */
  readonly onDeath?: (message: IncomingMessage, death: Death) => OutgoingMessage | undefined;
}

/** Consumes a queue until disposed; then takes no more, finishes what is in hand, and lets go. */
export async function startHandler(part: Part, options: HandlerOptions): Promise<AsyncDisposable> {
  const handler = new Handler(part, options);
  await handler.start();
  return handler;
}

class Handler implements AsyncDisposable {
  readonly #part: Part;
  readonly #options: HandlerOptions;
  readonly #inHand = new Set<Promise<void>>();
  /** Aborted when the part begins to close: what failed is not tried again here. */
  readonly #ending = new AbortController();
  /** Aborted when there is no more time: what is not out goes back to the queue. */
  readonly #closing = new AbortController();
  readonly #points: Points;
  readonly #lane = new Lane();
  #consumer: Consumer | undefined;
  #probation: Promise<Consumer> | undefined;
  #widening: Promise<void> | undefined;

  constructor(part: Part, options: HandlerOptions) {
    this.#part = part;
    this.#options = options;
    // Every message in hand may wait on it; Node would take more than ten for a leak and say so.
    setMaxListeners(0, this.#closing.signal, this.#ending.signal);
    this.#points = new Points(part, this.#closing.signal);
  }

  /**
   * A part that just started may have crashed over a message of this queue. It takes one message at a time
   * until one comes that nobody crashed over, or a suspect fails and all it does is fail: what waits behind
   * a suspect is not delivered, and not counted.
   */
  async start(): Promise<void> {
    const { queue } = this.#options;
    this.#probation = this.#part.bus.consume(queue, 1, (delivery) => {
      this.#take(delivery);
      if (!isSuspect(delivery)) this.#passProbation();
    });
    this.#consumer = await this.#probation;
  }

  #passProbation(): void {
    if (!this.#ending.signal.aborted) this.#widening ??= this.#widen();
  }

  async #widen(): Promise<void> {
    const { queue, prefetch } = this.#options;
    const { bus, logger } = this.#part;
    try {
      const narrow = await this.#probation;
      this.#consumer = await bus.consume(queue, prefetch, (delivery) => this.#take(delivery));
      await narrow?.cancel();
    } catch (error) {
      logger.log('warn', `still takes one message at a time: ${messageOf(error)}`, { queue });
      this.#widening = undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#widening;
    await this.#consumer?.cancel();
    // Whatever is let go of is delivered again, and counted as a return.
    await this.#finish(FINISH_WITHIN_MS);
    this.#closing.abort();
    await this.#finish(LET_GO_WITHIN_MS);
  }

  async #finish(withinMs: number): Promise<void> {
    const limit = new AbortController();
    const tooLate = this.#part.clock.sleep(withinMs, limit.signal);
    await Promise.race([Promise.all(this.#inHand), tooLate]);
    limit.abort();
  }

  #take(delivery: Delivery): void {
    const life = this.#live(delivery)
      // Neither acked nor rejected: the broker delivers it again when this connection ends.
      .catch((error: unknown) =>
        this.#part.logger.log('error', `left unacked: ${messageOf(error)}`),
      )
      .finally(() => this.#inHand.delete(life));
    this.#inHand.add(life);
  }

  /** One message from delivery to ack: what fails is answered, kept and tried again, or dead-lettered. */
  async #live(delivery: Delivery): Promise<void> {
    const accepted = accept(delivery);
    if (!accepted.ok) return this.#bury(delivery, accepted.death, accepted.message);
    const { message } = accepted;
    const { redelivered } = delivery;
    const arrived = await this.#points.pass(
      'deliver',
      redelivered ? { ...message, redelivered } : message,
    );
    if (arrived.mangle !== undefined) return this.#poison(delivery, message, arrived.mangle);
    const lives = Array.from({ length: arrived.copies }, async () => {
      await this.#points.scatter(arrived);
      return this.#carryOut(message, delivery);
    });
    try {
      if (!(await Promise.all(lives)).every(Boolean)) return;
    } catch (error) {
      const death = deathBy(error);
      if (death === undefined) throw error;
      return this.#bury(delivery, death, message);
    }
    await this.#points.pass('ack', message);
    delivery.ack();
  }

  /** A fault has made it unreadable: what becomes of it now is what becomes of real poison. */
  async #poison(delivery: Delivery, message: IncomingMessage, mangle: Mangle): Promise<void> {
    const raw = mangle(delivery.raw);
    const accepted = accept({ content: decode(raw) });
    if (accepted.ok) throw new BugError(`${message.type} was corrupted, and can still be read`);
    await this.#bury({ ...delivery, raw }, accepted.death, accepted.message, message);
  }

  /** A copy that says why, then the ack: a crash between them makes a second copy, which counts as the first. */
  async #bury(
    delivery: Delivery,
    death: Death,
    message: IncomingMessage | undefined,
    known: Named = message ?? readableOf(delivery.raw),
  ): Promise<void> {
    const { service, clock, ids, names, logger, bus } = this.#part;
    const { queue, onDeath } = this.#options;
    logger.log('error', `dead-lettered a message (${death.reason}): ${death.detail}`, {
      queue,
      ...(message && { ...factsOf(message), messageId: message.id, type: message.type }),
    });
    const facts = { ...death, service, queue, at: clock.now(), copy: ids.hex(8) };
    const copy = deadLetterOf(delivery.raw, facts, names.deadLetters);
    const options = { ...this.#part, signal: this.#closing.signal };
    if (!(await forwardUntilConfirmed(copy, options))) return;
    this.#points.noteDeath(known, death);
    const answer = message && onDeath?.(message, death);
    // Once is enough: whoever needs the answer asks again, and the way back may be as wrong as the rest.
    if (answer !== undefined) void bus.publish(answer);
    delivery.ack();
  }

  /** From the effect to the answers; false when the part closed before they were out. */
  async #carryOut(message: IncomingMessage, delivery: Delivery): Promise<boolean> {
    const startedAt = this.#part.clock.now();
    const started = this.#part.clock.elapsed();
    const outcome = await this.#handle(message, delivery);
    if (outcome === undefined) return false;
    this.#record(message, outcome, {
      startedAt,
      durationMs: this.#part.clock.elapsed() - started,
      attempt: message.attempt,
      redelivered: delivery.redelivered,
    });
    await this.#points.pass('committed', message);
    const { copies, mangle } = await this.#points.pass('reply', message);
    if (copies === 0) for (const each of outcome) this.#points.noteDropped(message, each);
    const answers = Array.from({ length: copies }, () => outcome).flat();
    const published = answers.map((each) => this.#points.publish(message, each, mangle));
    return (await Promise.all(published)).every(Boolean);
  }

  /** Handles until there is an answer; undefined when the part closed before there was one. */
  async #handle(
    message: IncomingMessage,
    delivery: Delivery,
  ): Promise<readonly OutgoingMessage[] | undefined> {
    const { redelivered } = delivery;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      const leave = await this.#lane.enter(isSuspect(delivery));
      try {
        if (this.#closing.signal.aborted) return undefined;
        const { declineWith } = await this.#points.pass('handle', message);
        return await this.#options.handle(message, {
          declineWith,
          beforeCommit: this.#points.commitOnce(message),
          noteDuplicate: () => this.#points.noteDuplicate(message),
          redelivered,
        });
      } catch (error) {
        if (deathBy(error) !== undefined) throw error;
        this.#part.logger.log(
          'warn',
          `${message.type} failed: ${messageOf(error)}`,
          factsOf(message),
        );
        const answer = this.#options.onError(message, error);
        if (answer !== undefined) return [answer];
      } finally {
        leave();
      }
      if (this.#ending.signal.aborted) return undefined;
      this.#passProbation();
      await this.#part.clock.sleep(pauseMs, this.#ending.signal);
      if (this.#ending.signal.aborted) return undefined;
    }
  }

  #record(
    message: IncomingMessage,
    outcome: readonly OutgoingMessage[],
    timing: { startedAt: number; durationMs: number; attempt: number; redelivered: boolean },
  ): void {
    if (this.#options.isRecorded === false || message.type === ping.name) return;
    const reply = outcome.map((each) => each.type).join(', ');
    const level = isQuiet(message) ? 'debug' : 'info';
    this.#part.logger.log(level, `${message.type}${reply === '' ? '' : ` → ${reply}`}`, {
      ...factsOf(message),
      span: {
        message: message.type,
        messageId: message.id,
        ...(reply !== '' && { reply: reply.slice(0, 100) }),
        ...timing,
      },
    });
  }
}

/** Parts went while they had it in hand, more than once. */
function isSuspect({ returns }: Delivery): boolean {
  return returns >= SUSPECT_RETURNS;
}

/** Queries and canaries are asked all the time and change nothing. */
function isQuiet(message: IncomingMessage): boolean {
  return findContract(message.type, message.version)?.kind === 'query';
}
