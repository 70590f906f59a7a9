/** The eight points of a message's life, once for all parts: deliver, handle, commit, committed, reply, publish, confirm, ack. */
import { setMaxListeners } from 'node:events';

import type { Point } from '../contracts/faults.ts';
import { findContract } from '../contracts/registry.ts';
import { ping } from '../contracts/participant.ts';
import { messageOf } from '../kernel/errors.ts';
import { traceIdOf } from '../kernel/trace.ts';
import type { Consumer, Delivery, IncomingMessage, OutgoingMessage } from './bus.ts';
import type { Part } from './part.ts';
import { publishUntilConfirmed } from './publisher.ts';

const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 5_000;

/** What a handler gets beside the message. */
export interface Handling {
  /** Set when a fault asks the part to say no, with this reason. */
  readonly declineWith: string | undefined;
  /** To be called inside the transaction, right before it commits. Throws when a fault says so. */
  readonly beforeCommit: () => void;
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
  readonly #closing = new AbortController();
  #consumer: Consumer | undefined;

  constructor(part: Part, options: HandlerOptions) {
    this.#part = part;
    this.#options = options;
    // Every message in hand may wait on it; Node would take more than ten for a leak and say so.
    setMaxListeners(0, this.#closing.signal);
  }

  async start(): Promise<void> {
    const { queue, prefetch } = this.#options;
    this.#consumer = await this.#part.bus.consume(queue, prefetch, (delivery) => {
      const life = this.#live(delivery)
        // Neither acked nor rejected: the broker delivers it again when this connection ends.
        .catch((error: unknown) =>
          this.#part.logger.log('error', `left unacked: ${messageOf(error)}`),
        )
        .finally(() => this.#inHand.delete(life));
      this.#inHand.add(life);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer?.cancel();
    this.#closing.abort();
    await Promise.all(this.#inHand);
  }

  /** One message from delivery to ack: what fails is answered, kept and tried again, or dead-lettered. */
  async #live(delivery: Delivery): Promise<void> {
    const message = this.#accept(delivery);
    if (message === undefined) return delivery.reject();
    await this.#point('deliver', message);
    const startedAt = this.#part.clock.now();
    const started = this.#part.clock.elapsed();
    const outcome = await this.#handle(message, delivery.redelivered);
    if (outcome === undefined) return;
    this.#record(message, outcome, {
      startedAt,
      durationMs: this.#part.clock.elapsed() - started,
      attempt: message.attempt,
      redelivered: delivery.redelivered,
    });
    await this.#point('committed', message);
    await this.#point('reply', message);
    if (!(await this.#publish(message, outcome))) return;
    await this.#point('ack', message);
    delivery.ack();
  }

  #accept(delivery: Delivery): IncomingMessage | undefined {
    const { content } = delivery;
    const problem = content.ok ? bodyProblem(content.message) : content.reason;
    if (content.ok && problem === undefined) return content.message;
    this.#part.logger.log('error', `dead-lettered a message that is not understood: ${problem}`, {
      ...(content.ok && { messageId: content.message.id, type: content.message.type }),
      queue: this.#options.queue,
    });
    return undefined;
  }

  /** Handles until there is an answer; undefined when the part closed before there was one. */
  async #handle(
    message: IncomingMessage,
    redelivered: boolean,
  ): Promise<readonly OutgoingMessage[] | undefined> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      try {
        const declineWith = await this.#point('handle', message);
        const beforeCommit = (): void => this.#commitPoint(message);
        return await this.#options.handle(message, { declineWith, beforeCommit, redelivered });
      } catch (error) {
        this.#part.logger.log(
          'warn',
          `${message.type} failed: ${messageOf(error)}`,
          factsOf(message),
        );
        const answer = this.#options.onError(message, error);
        if (answer !== undefined) return [answer];
      }
      if (this.#closing.signal.aborted) return undefined;
      await this.#part.clock.sleep(pauseMs, this.#closing.signal);
    }
  }

  async #publish(cause: IncomingMessage, messages: readonly OutgoingMessage[]): Promise<boolean> {
    const published = await Promise.all(
      messages.map(async (message) => {
        await this.#point('publish', cause);
        const isConfirmed = await publishUntilConfirmed(message, {
          ...this.#part,
          signal: this.#closing.signal,
        });
        await this.#point('confirm', cause);
        return isConfirmed || !message.durable;
      }),
    );
    return published.every(Boolean);
  }

  /** Passes a point: waits or throws when faults say so. Answers the reason when one says to decline. */
  async #point(point: Point, message: IncomingMessage): Promise<string | undefined> {
    let declineWith: string | undefined;
    for (const action of this.#part.faults.at(point, message)) {
      this.#part.logger.log('debug', `fault at ${point}: ${action.verb}`, factsOf(message));
      if (action.verb === 'error') throw new Error(action.message);
      if (action.verb === 'decline') declineWith ??= action.reason;
      else await this.#delay(action.minMs, action.maxMs);
    }
    return declineWith;
  }

  #delay(minMs: number, maxMs: number): Promise<void> {
    const { clock, random } = this.#part;
    return clock.sleep(random.integer(minMs, maxMs), this.#closing.signal);
  }

  /** The one point inside a transaction: it cannot wait, only fail. */
  #commitPoint(message: IncomingMessage): void {
    for (const action of this.#part.faults.at('commit', message)) {
      if (action.verb === 'error') throw new Error(action.message);
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

function bodyProblem(message: IncomingMessage): string | undefined {
  const contract = findContract(message.type, message.version);
  if (contract === undefined) return `nobody published ${message.type} version ${message.version}`;
  const parsed = contract.body.safeParse(message.body);
  if (parsed.success) return undefined;
  const issue = parsed.error.issues[0];
  return `${message.type}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`;
}

/** Queries and canaries are asked all the time and change nothing. */
function isQuiet(message: IncomingMessage): boolean {
  return findContract(message.type, message.version)?.kind === 'query';
}

function factsOf(message: IncomingMessage): { orderId?: string; traceId?: string } {
  const traceId = message.traceparent === undefined ? undefined : traceIdOf(message.traceparent);
  return {
    ...(message.correlationId !== undefined && { orderId: message.correlationId }),
    ...(traceId !== undefined && { traceId }),
  };
}
