/** The live adapter of the bus: amqplib, with reconnection, re-declaration and resumed consumers. */
import type { Clock } from '../kernel/clock.ts';
import { UserError } from '../kernel/errors.ts';
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
import { declareTopology, type Names } from './topology.ts';

const FIRST_BACKOFF_MS = 50;
const LAST_BACKOFF_MS = 2_000;
/** A publish that finds no connection waits this long for one. */
const PUBLISH_WAIT_MS = 5_000;

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
  #session: AmqpSession | undefined;
  /** Why the last try to connect came to nothing. */
  #failure: BrokerFailure | undefined;
  #nextSession: Promise<AmqpSession | undefined> = Promise.resolve(undefined);

  constructor(options: AmqpBusOptions) {
    this.#options = options;
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

  async publish(message: OutgoingMessage): Promise<PublishOutcome> {
    const session = this.#session ?? (await this.#waitForSession());
    if (session === undefined) return { outcome: 'refused', reason: 'not connected' };
    return session.publish(message);
  }

  async forward(raw: RawMessage): Promise<PublishOutcome> {
    const session = this.#session ?? (await this.#waitForSession());
    if (session === undefined) return { outcome: 'refused', reason: 'not connected' };
    return session.forward(raw);
  }

  async consume(
    queue: string,
    prefetch: number,
    onDelivery: (delivery: Delivery) => void,
  ): Promise<Consumer> {
    let cancel = nothing;
    const remove = await this.#resumeAlways(async (session) => {
      cancel = await session.consume(queue, prefetch, onDelivery);
    });
    return {
      cancel: async () => {
        remove();
        await cancel();
      },
    };
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
    this.#resumables.clear();
    await this.#nextSession;
    await this.#session?.drain();
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
      if (session.isOpen) throw error;
    }
    return () => this.#resumables.delete(resumable);
  }

  async #waitForSession(): Promise<AmqpSession | undefined> {
    const limit = new AbortController();
    const session = await Promise.race([
      this.#nextSession,
      this.#options.clock.sleep(PUBLISH_WAIT_MS, limit.signal).then(() => undefined),
    ]);
    limit.abort();
    return session;
  }

  /** Tries until a session stands with everything resumed, or until told to stop. */
  async #connect(mayTry: () => boolean): Promise<AmqpSession | undefined> {
    for (let attempt = 0; mayTry() && !this.#closing.signal.aborted; attempt++) {
      try {
        const session = await this.#openSession();
        this.#session = session;
        void session.ended.then((reason) => this.#lost(session, reason));
        return session;
      } catch (error) {
        this.#failure = brokerFailure(this.#options.url, error);
        this.#options.logger.log('debug', this.#failure.reason);
        if (!mayTry()) break;
      }
      await this.#options.clock.sleep(this.#backoff(attempt), this.#closing.signal);
    }
    return undefined;
  }

  async #openSession(): Promise<AmqpSession> {
    const session = await AmqpSession.open(this.#options);
    try {
      await declareTopology(session.channel, this.#options.names);
      for (const each of this.#resumables) await each.resume(session);
      return session;
    } catch (error) {
      session.close('could not be set up');
      throw error;
    }
  }

  #lost(session: AmqpSession, reason: string): void {
    if (this.#session === session) this.#session = undefined;
    if (this.#closing.signal.aborted) return;
    this.#options.logger.log('warn', `connection to the broker lost: ${reason}; reconnecting`);
    this.#nextSession = this.#connect(() => true).then((next) => {
      if (next !== undefined) this.#options.logger.log('info', 'connected to the broker again');
      return next;
    });
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
