/** The live adapter of the bus: amqplib, with reconnection, re-declaration and resumed consumers. */
import type { Clock } from '../kernel/clock.ts';
import { messageOf, OutcomeUnknownError, UserError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Random } from '../kernel/random.ts';
import { AmqpSession } from './amqp-session.ts';
import type {
  Binding,
  Bus,
  Consumer,
  Delivery,
  IncomingMessage,
  OutgoingMessage,
  PublishOutcome,
  RawMessage,
  Subscription,
} from './bus.ts';
import { brokerFailure, type BrokerFailure } from './broker-failure.ts';
import type { Partition } from './partition.ts';
import { healQueue } from './queue-healing.ts';
import { SilentQueue } from './silent-queue.ts';
import { declareTopology, type Names } from './topology.ts';
import { WaitingRoom } from './waiting-room.ts';

const FIRST_BACKOFF_MS = 50;
const LAST_BACKOFF_MS = 2_000;
/** A publish that finds no connection waits this long for one. */
const PUBLISH_WAIT_MS = 5_000;
/** Queues that are created for the first time take some 20 ms each, on a slow disk much more. */
const DECLARE_WITHIN_MS = 20_000;

export interface AmqpBusOptions {
  readonly url: string;
  readonly names: Names;
  /** Name of this client: the service. */
  readonly client: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Gives up opening when aborted. */
  readonly signal?: AbortSignal;
  /** How long to keep trying for the first connection. */
  readonly openWithinMs: number;
  /** Where faults may cut the connections. */
  readonly partition?: Partition;
}

async function nothing(): Promise<void> {}

/** Something that has to be set up again on every new connection. */
interface Resumable {
  resume(session: AmqpSession): Promise<void>;
}

/**
 * Connects and declares the topology.
 * @throws UserError `broker-unreachable` when no connection came about in `openWithinMs`.
 */
export async function openAmqpBus(options: AmqpBusOptions): Promise<Bus> {
  const bus = new AmqpBus(options);
  await bus.open();
  return bus;
}

class AmqpBus implements Bus {
  readonly #options: AmqpBusOptions;
  readonly #resumables = new Set<Resumable>();
  readonly #closing = new AbortController();
  /** Those who found no connection. */
  readonly #arrivals: WaitingRoom<AmqpSession>;
  #session: AmqpSession | undefined;
  /** Why the last try to connect came to nothing. */
  #failure: BrokerFailure | undefined;
  #reconnecting: Promise<void> = Promise.resolve();

  constructor(options: AmqpBusOptions) {
    this.#options = options;
    this.#arrivals = new WaitingRoom(options.clock);
  }

  async open(): Promise<void> {
    const { clock, openWithinMs, signal } = this.#options;
    const giveUpAt = clock.elapsed() + openWithinMs;
    const session = await this.#connect(
      () =>
        clock.elapsed() < giveUpAt && signal?.aborted !== true && this.#failure?.isFinal !== true,
    );
    if (session === undefined) throw this.#unreachable();
  }

  isConnected(): boolean {
    return this.#session?.isOpen === true;
  }

  isBlocked(): boolean {
    return this.#session?.isBlocked === true;
  }

  publish(message: OutgoingMessage): Promise<PublishOutcome> {
    return this.#send(message.durable, (session) => session.publish(message));
  }

  forward(raw: RawMessage): Promise<PublishOutcome> {
    return this.#send(true, (session) => session.forward(raw));
  }

  async consume(
    queue: string,
    prefetch: number,
    onDelivery: (delivery: Delivery) => void,
  ): Promise<Consumer> {
    let cancel = nothing;
    const remove = await this.#resumeAlways(async (session) => {
      cancel = await session.consume(queue, prefetch, onDelivery);
      // Only mediators consume dead letters: whoever may reject sees to their queue.
      await session.probe(this.#options.names.deadLetterQueue);
    });
    return {
      cancel: async () => {
        remove();
        await cancel();
      },
    };
  }

  async depthOf(queue: string): Promise<number> {
    const session = this.#session ?? (await this.#waitForSession());
    if (session === undefined) throw this.#unreachable();
    return session.depthOf(queue);
  }

  async subscribe(
    bindings: readonly Binding[],
    onMessage: (message: IncomingMessage) => void,
  ): Promise<Subscription> {
    let cancel = nothing;
    let address: string | undefined;
    const remove = await this.#resumeAlways(async (session) => {
      address = undefined;
      const subscription = await session.subscribe(bindings, onMessage);
      address = subscription.queue;
      cancel = subscription.cancel;
      void session.ended.then(() => (address = undefined));
    });
    return {
      address: () => address,
      cancel: async () => {
        remove();
        await cancel();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#arrivals.tell();
    this.#resumables.clear();
    await this.#reconnecting;
    await this.#session?.drain();
  }

  async #send(
    durable: boolean,
    send: (session: AmqpSession) => Promise<PublishOutcome>,
  ): Promise<PublishOutcome> {
    const session = this.#session ?? (await this.#waitForSession());
    if (session === undefined) return { outcome: 'refused', reason: 'not connected' };
    // Live views and queries are worth nothing later.
    if (session.isBlocked && durable) await session.unblocked(PUBLISH_WAIT_MS);
    if (session.isBlocked) return { outcome: 'refused', reason: 'the broker takes no messages' };
    return send(session);
  }

  async #resumeAlways(resume: (session: AmqpSession) => Promise<void>): Promise<() => void> {
    const resumable: Resumable = { resume };
    const session = this.#session ?? (await this.#waitForSession());
    if (session === undefined) throw this.#unreachable();
    // Registered first: if this session dies meanwhile, the next one resumes it.
    this.#resumables.add(resumable);
    try {
      await resume(session);
    } catch (error) {
      await this.#heal(error);
      // What did not answer in time is set up again by the next session.
      if (isSilence(error)) session.close(messageOf(error));
      if (session.isOpen) throw error;
    }
    return () => this.#resumables.delete(resumable);
  }

  async #waitForSession(): Promise<AmqpSession | undefined> {
    if (this.#closing.signal.aborted) return undefined;
    return this.#arrivals.wait(PUBLISH_WAIT_MS);
  }

  /** Tries until a session stands with everything resumed, or until told to stop. */
  async #connect(mayTry: () => boolean): Promise<AmqpSession | undefined> {
    for (let attempt = 0; mayTry() && !this.#closing.signal.aborted; attempt++) {
      try {
        const session = await this.#openSession();
        this.#session = session;
        void session.ended.then((reason) => this.#lost(session, reason));
        this.#arrivals.tell(session);
        return session;
      } catch (error) {
        this.#failure = brokerFailure(this.#options.url, error);
        this.#options.logger.log('debug', this.#failure.reason);
        await this.#heal(error);
        if (!mayTry()) break;
      }
      await this.#options.clock.sleep(this.#backoff(attempt), this.#closing.signal);
    }
    return undefined;
  }

  async #openSession(): Promise<AmqpSession> {
    const session = await AmqpSession.open({
      ...this.#options,
      onBlocked: (isBlocked, reason) => this.#tellBlocked(isBlocked, reason),
    });
    try {
      await session.within(
        DECLARE_WITHIN_MS,
        'declaring',
        declareTopology(session.channel, this.#options.names),
      );
      for (const each of this.#resumables) await each.resume(session);
      return session;
    } catch (error) {
      session.close('could not be set up');
      throw error;
    }
  }

  /** Does what can be done about a queue that does not answer; without success the next try comes back to it. */
  async #heal(error: unknown): Promise<void> {
    if (!(error instanceof SilentQueue)) return;
    this.#options.logger.log('warn', error.message);
    try {
      await healQueue(error.queue, { ...this.#options, signal: this.#closing.signal });
    } catch (failure) {
      this.#options.logger.log('warn', `${error.queue} is not healed: ${messageOf(failure)}`);
    }
  }

  #tellBlocked(isBlocked: boolean, reason: string): void {
    const { logger } = this.#options;
    if (!isBlocked) return logger.log('info', 'the broker takes messages again');
    logger.log('warn', `the broker takes no messages (${reason}); publishing waits`);
  }

  #lost(session: AmqpSession, reason: string): void {
    if (this.#session === session) this.#session = undefined;
    if (this.#closing.signal.aborted) return;
    this.#options.logger.log('warn', `connection to the broker lost: ${reason}; reconnecting`);
    this.#reconnecting = this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    const session = await this.#connect(() => true);
    if (session !== undefined) this.#options.logger.log('info', 'connected to the broker again');
  }

  #backoff(attempt: number): number {
    const ceiling = Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempt, 10));
    return ceiling / 2 + this.#options.random.integer(0, ceiling / 2);
  }

  #unreachable(): UserError {
    const { host } = new URL(this.#options.url);
    const { reason, isFinal } = this.#failure ?? {
      reason: `The broker at ${host} does not answer`,
      isFinal: false,
    };
    return new UserError('broker-unreachable', reason, {
      hint: isFinal
        ? 'Check WONDERLAND_AMQP_URL.'
        : 'Start a stack with `wonderland up`, or check WONDERLAND_AMQP_URL.',
    });
  }
}

function isSilence(error: unknown): boolean {
  return error instanceof SilentQueue || error instanceof OutcomeUnknownError;
}
