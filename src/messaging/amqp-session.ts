/** One AMQP connection's life: a confirm channel, a ledger of unconfirmed publishes, consumers. */
import {
  connect,
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  type ConsumeMessage,
} from 'amqplib';

import type { Clock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type {
  Binding,
  Delivery,
  IncomingMessage,
  OutgoingMessage,
  PublishOutcome,
  RawMessage,
} from './bus.ts';
import { AckBuffer } from './ack-buffer.ts';
import { decode, encode, encodeRaw, rawOf, returnsOf, type Encoded } from './wire.ts';

/** A broker that does not confirm for this long is as good as gone: reconnect and publish again. */
const CONFIRM_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
const HEARTBEAT_S = 10;

interface Unconfirmed {
  readonly id: string;
  readonly since: number;
  isReturned: boolean;
  readonly settle: (outcome: PublishOutcome) => void;
}

export interface SessionOptions {
  readonly url: string;
  /** Name of this client, in messages (`appId`) and in the broker's list of connections. */
  readonly client: string;
  readonly clock: Clock;
}

/** Lives until the connection ends, for whatever reason; the bus then opens the next one. */
export class AmqpSession {
  readonly #connection: ChannelModel;
  readonly #publisher: ConfirmChannel;
  readonly #options: SessionOptions;
  readonly #unconfirmed = new Set<Unconfirmed>();
  readonly #acks: AckBuffer;
  readonly #end: (reason: string) => void;
  readonly #watch: () => void;
  /** Resolves with the reason when the connection is gone. */
  readonly ended: Promise<string>;
  #isOpen = true;

  private constructor(
    connection: ChannelModel,
    publisher: ConfirmChannel,
    options: SessionOptions,
  ) {
    this.#connection = connection;
    this.#publisher = publisher;
    this.#options = options;
    this.#acks = new AckBuffer(options.clock);
    const { promise, resolve } = deferred<string>();
    this.ended = promise;
    this.#end = (reason) => this.#finish(reason, resolve);
    this.#listen();
    this.#watch = this.#watchConfirms();
  }

  /** @throws Error of the socket or of the handshake. */
  static async open(options: SessionOptions): Promise<AmqpSession> {
    const url = new URL(options.url);
    if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', `${HEARTBEAT_S}`);
    const connection = await connect(url.href, {
      // Without it a request waits up to 40 ms for a delayed acknowledgement of the kernel.
      noDelay: true,
      timeout: CONNECT_TIMEOUT_MS,
      clientProperties: { connection_name: options.client },
    });
    connection.on('error', () => undefined);
    const publisher = await connection.createConfirmChannel();
    return new AmqpSession(connection, publisher, options);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The channel for declarations. */
  get channel(): Channel {
    return this.#publisher;
  }

  publish(message: OutgoingMessage): Promise<PublishOutcome> {
    const { clock, client } = this.#options;
    return this.#send(message.id, message, encode(message, client, clock.now()));
  }

  forward(raw: RawMessage): Promise<PublishOutcome> {
    const id = typeof raw.properties['messageId'] === 'string' ? raw.properties['messageId'] : '';
    return this.#send(id, raw, encodeRaw(raw));
  }

  #send(
    id: string,
    { exchange, routingKey }: Pick<OutgoingMessage, 'exchange' | 'routingKey'>,
    { content, options }: Encoded,
  ): Promise<PublishOutcome> {
    if (!this.#isOpen) return Promise.resolve({ outcome: 'refused', reason: 'not connected' });
    return new Promise((resolve) => {
      const entry: Unconfirmed = {
        id,
        since: this.#options.clock.elapsed(),
        isReturned: false,
        settle: (outcome) => {
          if (this.#unconfirmed.delete(entry)) resolve(outcome);
        },
      };
      this.#unconfirmed.add(entry);
      try {
        this.#publisher.publish(exchange, routingKey, content, options, (error) =>
          entry.settle(outcomeOf(error, entry)),
        );
      } catch (error) {
        entry.settle({ outcome: 'refused', reason: messageOf(error) });
      }
    });
  }

  /** A channel of its own, because prefetch and errors belong to a channel. */
  async consume(
    queue: string,
    prefetch: number,
    onDelivery: (delivery: Delivery) => void,
  ): Promise<() => Promise<void>> {
    const channel = await this.#openChannel();
    await channel.prefetch(prefetch);
    const { consumerTag } = await channel.consume(queue, (raw) => {
      if (raw === null) this.close(`consumer of ${queue} was cancelled by the broker`);
      else onDelivery(this.#delivery(channel, raw));
    });
    return async () => {
      if (this.#isOpen) await channel.cancel(consumerTag);
    };
  }

  /** A private queue, gone with this connection. Answers its name. */
  async subscribe(
    bindings: readonly Binding[],
    onMessage: (message: IncomingMessage) => void,
  ): Promise<{ queue: string; cancel: () => Promise<void> }> {
    const channel = await this.#openChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true });
    for (const each of bindings) await channel.bindQueue(queue, each.exchange, each.routingKey);
    await channel.consume(
      queue,
      (raw) => {
        if (raw === null) return this.close(`private queue ${queue} was deleted`);
        const content = decode(raw);
        if (content.ok) onMessage(content.message);
      },
      { noAck: true },
    );
    return { queue, cancel: () => (this.#isOpen ? channel.close() : Promise.resolve()) };
  }

  /** Ends the session at once; unconfirmed publishes become `unknown`. */
  close(reason: string): void {
    this.#end(reason);
    void this.#connection.close().catch(() => undefined);
  }

  /** Waits for confirms that are still due, then says goodbye to the broker. */
  async drain(): Promise<void> {
    if (this.#isOpen) this.#acks.flush();
    if (this.#isOpen && this.#unconfirmed.size > 0) {
      await Promise.race([this.#publisher.waitForConfirms().catch(() => undefined), this.ended]);
    }
    const goodbye = this.#connection.close().catch(() => undefined);
    this.#end('closed');
    await goodbye;
  }

  async #openChannel(): Promise<Channel> {
    const channel = await this.#connection.createChannel();
    channel.on('error', (error) => this.close(error.message));
    channel.on('close', () => undefined);
    return channel;
  }

  #delivery(channel: Channel, raw: ConsumeMessage): Delivery {
    let isSettled = false;
    const settle = (how: () => void): void => {
      if (isSettled || !this.#isOpen) return;
      isSettled = true;
      how();
    };
    return {
      content: decode(raw),
      raw: rawOf(raw),
      returns: returnsOf(raw),
      redelivered: raw.fields.redelivered,
      ack: () => settle(() => this.#acks.add(() => channel.ack(raw))),
      reject: () => settle(() => channel.reject(raw, false)),
    };
  }

  #listen(): void {
    this.#connection.on('close', (error?: Error) => this.#end(error?.message ?? 'closed'));
    this.#publisher.on('error', (error) => this.close(error.message));
    // A return comes before the confirm of the same publish, on the same channel.
    this.#publisher.on('return', (raw) => {
      for (const entry of this.#unconfirmed) {
        if (entry.id !== (raw.properties.messageId ?? '') || entry.isReturned) continue;
        entry.isReturned = true;
        return;
      }
    });
  }

  /** amqplib's confirm callbacks may never come; a broker that is silent for too long is given up. */
  #watchConfirms(): () => void {
    const { clock } = this.#options;
    const check = (): void => {
      const [oldest] = this.#unconfirmed;
      if (oldest !== undefined && clock.elapsed() - oldest.since > CONFIRM_TIMEOUT_MS) {
        this.close('the broker did not confirm in time');
      }
      if (this.#isOpen) timer = clock.after(1_000, check, { weak: true });
    };
    let timer = clock.after(1_000, check, { weak: true });
    return () => timer.cancel();
  }

  #finish(reason: string, resolve: (reason: string) => void): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#acks.drop();
    this.#watch();
    for (const entry of this.#unconfirmed) entry.settle({ outcome: 'unknown', reason });
    resolve(reason);
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
  if (entry.isReturned) return { outcome: 'refused', reason: 'no queue takes it' };
  return { outcome: 'confirmed' };
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
