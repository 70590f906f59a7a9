/** One life with a broker: a connection that publishes, one that consumes; it ends when either does. */
import type { Channel, ConfirmChannel, ConsumeMessage } from 'amqplib';

import type {
  Binding,
  Delivery,
  IncomingMessage,
  OutgoingMessage,
  PublishOutcome,
  RawMessage,
} from './bus.ts';
import { AckBuffer } from './ack-buffer.ts';
import { AmqpLink, type LinkOptions } from './amqp-link.ts';
import { ConfirmLedger } from './confirm-ledger.ts';
import { countMessages, probeQueue, startConsuming } from './silent-queue.ts';
import { WaitingRoom } from './waiting-room.ts';
import { decode, encode, encodeRaw, rawOf, returnsOf } from './wire.ts';

/** For confirms that are still due when the part closes; the saga publishes again what they were for. */
const DRAIN_WITHIN_MS = 2_000;
const SUBSCRIBE_WITHIN_MS = 10_000;
const CANCEL_WITHIN_MS = 2_000;
const NOT_CONNECTED: PublishOutcome = { outcome: 'refused', reason: 'not connected' };

export interface SessionOptions extends LinkOptions {
  /** The broker reads no more publishes for a while, or reads them again. */
  readonly onBlocked: (isBlocked: boolean, reason: string) => void;
}

interface Links {
  /** A broker short of memory stops reading from connections that publish. */
  readonly publishing: AmqpLink;
  /** So acks go over another one, or nothing would ever leave such a broker. */
  readonly consuming: AmqpLink;
}

interface Channels {
  readonly publisher: ConfirmChannel;
  readonly declarer: Channel;
}

/** Lives until a connection ends, for whatever reason; the bus then opens the next session. */
export class AmqpSession {
  readonly #links: Links;
  readonly #options: SessionOptions;
  readonly #ledger: ConfirmLedger;
  readonly #acks: AckBuffer;
  /** Those who wait until the broker takes messages again. */
  readonly #atTheDoor: WaitingRoom<void>;
  readonly #resolveEnded: (reason: string) => void;
  /** The channel for declarations. */
  readonly channel: Channel;
  /** Resolves with the reason when a connection is gone. */
  readonly ended: Promise<string>;
  #isOpen = true;
  #isBlocked = false;

  private constructor(links: Links, channels: Channels, options: SessionOptions) {
    this.#links = links;
    this.#options = options;
    this.#acks = new AckBuffer(options.clock);
    this.#atTheDoor = new WaitingRoom(options.clock);
    this.channel = channels.declarer;
    const { promise, resolve } = deferred<string>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    this.#ledger = new ConfirmLedger(channels.publisher, options.clock, () =>
      this.close('the broker did not confirm in time'),
    );
    for (const link of [links.publishing, links.consuming]) {
      void link.ended.then((reason) => this.close(reason));
    }
    for (const channel of [channels.publisher, channels.declarer]) this.#endWith(channel);
    links.publishing.onBlocked((isBlocked, reason) => this.#setBlocked(isBlocked, reason));
  }

  /** @throws Error of the socket or of the handshake. */
  static async open(options: SessionOptions): Promise<AmqpSession> {
    const publishing = await AmqpLink.open(options);
    let consuming: AmqpLink | undefined;
    try {
      consuming = await AmqpLink.open({ ...options, client: `${options.client}, consuming` });
      const publisher = await publishing.openConfirmChannel();
      const declarer = await consuming.openChannel();
      return new AmqpSession({ publishing, consuming }, { publisher, declarer }, options);
    } catch (error) {
      publishing.destroy('not opened');
      consuming?.destroy('not opened');
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The broker has said that it takes no messages for the time being. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Resolves as soon as the broker takes messages, at the end of the session, or after this long. */
  async unblocked(limitMs: number): Promise<void> {
    if (this.#isBlocked && this.#isOpen) await this.#atTheDoor.wait(limitMs);
  }

  publish(message: OutgoingMessage): Promise<PublishOutcome> {
    if (!this.#isOpen) return Promise.resolve(NOT_CONNECTED);
    const { clock, client } = this.#options;
    const { id, exchange, routingKey } = message;
    const encoded = encode(message, client, clock.now());
    return this.#ledger.publish({ id, exchange, routingKey, encoded });
  }

  forward(raw: RawMessage): Promise<PublishOutcome> {
    if (!this.#isOpen) return Promise.resolve(NOT_CONNECTED);
    const { messageId } = raw.properties;
    const id = typeof messageId === 'string' ? messageId : '';
    const { exchange, routingKey } = raw;
    return this.#ledger.publish({ id, exchange, routingKey, encoded: encodeRaw(raw) });
  }

  /**
   * A channel of its own, because prefetch and errors belong to a channel.
   * @throws SilentQueue when the queue does not answer.
   */
  async consume(
    queue: string,
    prefetch: number,
    onDelivery: (delivery: Delivery) => void,
  ): Promise<() => Promise<void>> {
    const channel = await this.#openChannel();
    const tag = await startConsuming(this.#links.consuming, channel, {
      queue,
      prefetch,
      onMessage: (raw) => {
        if (raw === null) this.close(`consumer of ${queue} was cancelled by the broker`);
        else onDelivery(this.#delivery(channel, raw));
      },
    });
    return () => this.#tryTo(() => channel.cancel(tag));
  }

  /** @throws SilentQueue when the queue does not answer. */
  probe(queue: string): Promise<void> {
    return probeQueue(this.#links.consuming, queue);
  }

  /** On a channel of its own, which a missing queue closes. @throws Error when there is no such queue. */
  depthOf(queue: string): Promise<number> {
    return countMessages(this.#links.consuming, queue);
  }

  /** Waits for the broker's answer. @throws OutcomeUnknownError when there is none in time. */
  within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
    return this.#links.consuming.within(limitMs, what, work);
  }

  /** A private queue, gone with this connection. Answers its name. */
  async subscribe(
    bindings: readonly Binding[],
    onMessage: (message: IncomingMessage) => void,
  ): Promise<{ queue: string; cancel: () => Promise<void> }> {
    const channel = await this.#openChannel();
    const bindAndConsume = async (): Promise<string> => {
      const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true });
      for (const each of bindings) await channel.bindQueue(queue, each.exchange, each.routingKey);
      const onRaw = (raw: ConsumeMessage | null): void => {
        if (raw === null) return this.close(`private queue ${queue} was deleted`);
        const content = decode(rawOf(raw));
        if (content.ok) onMessage(content.message);
      };
      await channel.consume(queue, onRaw, { noAck: true });
      return queue;
    };
    const queue = await this.within(SUBSCRIBE_WITHIN_MS, 'subscribing', bindAndConsume());
    return { queue, cancel: () => this.#tryTo(() => channel.close()) };
  }

  /** Ends the session at once; unconfirmed publishes become `unknown`. */
  close(reason: string): void {
    if (!this.#finish(reason)) return;
    for (const link of Object.values(this.#links)) void link[Symbol.asyncDispose]();
  }

  /** Waits for confirms that are still due, then says goodbye to the broker. */
  async drain(): Promise<void> {
    if (this.#isOpen) this.#acks.flush();
    if (this.#isOpen && !this.#ledger.isEmpty) {
      const limit = new AbortController();
      const giveUp = this.#options.clock.sleep(DRAIN_WITHIN_MS, limit.signal);
      await Promise.race([this.#ledger.settled(), this.ended, giveUp]);
      limit.abort();
    }
    this.#finish('closed');
    await Promise.all(Object.values(this.#links).map((link) => link[Symbol.asyncDispose]()));
  }

  /** What ends with the session anyway must not keep a part from ending. */
  async #tryTo(ask: () => Promise<unknown>): Promise<void> {
    if (!this.#isOpen) return;
    await this.within(CANCEL_WITHIN_MS, 'cancelling', ask()).catch(() => undefined);
  }

  async #openChannel(): Promise<Channel> {
    const channel = await this.#links.consuming.openChannel();
    this.#endWith(channel);
    return channel;
  }

  #endWith(channel: Channel): void {
    channel.on('error', (error) => this.close(error.message));
    channel.on('close', () => undefined);
  }

  #delivery(channel: Channel, raw: ConsumeMessage): Delivery {
    const copy = rawOf(raw);
    let isSettled = false;
    const settle = (how: () => void): void => {
      if (isSettled || !this.#isOpen) return;
      isSettled = true;
      how();
    };
    return {
      content: decode(copy),
      raw: copy,
      returns: returnsOf(raw),
      redelivered: raw.fields.redelivered,
      ack: () => settle(() => this.#acks.add(() => channel.ack(raw))),
      reject: () => settle(() => channel.reject(raw, false)),
    };
  }

  #setBlocked(isBlocked: boolean, reason: string): void {
    if (!this.#isOpen || this.#isBlocked === isBlocked) return;
    this.#isBlocked = isBlocked;
    this.#ledger.setBlocked(isBlocked);
    this.#options.onBlocked(isBlocked, reason);
    if (!isBlocked) this.#atTheDoor.tell();
  }

  #finish(reason: string): boolean {
    if (!this.#isOpen) return false;
    this.#isOpen = false;
    this.#acks.drop();
    this.#ledger.end(reason);
    this.#atTheDoor.tell();
    this.#resolveEnded(reason);
    return true;
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
