/** The life of a message in every part, past its points: deliver, handle, commit, committed, reply, publish, confirm, ack. */
import { setMaxListeners } from 'node:events';

import { findContract } from '../contracts/registry.ts';
import { ping } from '../contracts/participant.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Consumer, Delivery, IncomingMessage, OutgoingMessage } from './bus.ts';
import type { Part } from './part.ts';
import { factsOf, Points } from './points.ts';

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
  readonly #points: Points;
  #consumer: Consumer | undefined;

  constructor(part: Part, options: HandlerOptions) {
    this.#part = part;
    this.#options = options;
    // Every message in hand may wait on it; Node would take more than ten for a leak and say so.
    setMaxListeners(0, this.#closing.signal);
    this.#points = new Points(part, this.#closing.signal);
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
    const arrived = await this.#points.pass('deliver', message);
    const lives = Array.from({ length: arrived.copies }, async () => {
      await this.#points.scatter(arrived);
      return this.#carryOut(message, delivery.redelivered);
    });
    if (!(await Promise.all(lives)).every(Boolean)) return;
    await this.#points.pass('ack', message);
    delivery.ack();
  }

  /** From the effect to the answers; false when the part closed before they were out. */
  async #carryOut(message: IncomingMessage, redelivered: boolean): Promise<boolean> {
    const startedAt = this.#part.clock.now();
    const started = this.#part.clock.elapsed();
    const outcome = await this.#handle(message, redelivered);
    if (outcome === undefined) return false;
    this.#record(message, outcome, {
      startedAt,
      durationMs: this.#part.clock.elapsed() - started,
      attempt: message.attempt,
      redelivered,
    });
    await this.#points.pass('committed', message);
    const { copies } = await this.#points.pass('reply', message);
    const answers = Array.from({ length: copies }, () => outcome).flat();
    const published = await Promise.all(answers.map((each) => this.#points.publish(message, each)));
    return published.every(Boolean);
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
        const { declineWith } = await this.#points.pass('handle', message);
        const beforeCommit = (): void => this.#points.passCommit(message);
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
