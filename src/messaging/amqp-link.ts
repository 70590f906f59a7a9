/** One TCP connection to a broker: opened within a limit, ended for good even when the broker is silent. */
import type { Socket } from 'node:net';

import { connect, type Channel, type ChannelModel, type ConfirmChannel } from 'amqplib';

import type { Clock } from '../kernel/clock.ts';
import { OutcomeUnknownError } from '../kernel/errors.ts';
import type { Partition } from './partition.ts';

/** For each step of a handshake, and for opening a channel. */
const ANSWER_WITHIN_MS = 5_000;
const GOODBYE_WITHIN_MS = 2_000;
/** A peer that says nothing for two of these is gone. */
const HEARTBEAT_S = 5;

export interface LinkOptions {
  readonly url: string;
  /** Name of this client, in messages (`appId`) and in the broker's list of connections. */
  readonly client: string;
  readonly clock: Clock;
  /** Where faults may cut the connection. */
  readonly partition?: Partition;
}

export class AmqpLink implements AsyncDisposable {
  readonly #model: ChannelModel;
  readonly #clock: Clock;
  /** Resolves with the reason when the connection is gone. */
  readonly ended: Promise<string>;

  private constructor(model: ChannelModel, clock: Clock) {
    this.#model = model;
    this.#clock = clock;
    let lastError = 'closed';
    // Without a listener it would end the process; 'close' follows.
    model.on('error', (error) => (lastError = error.message));
    this.ended = new Promise((resolve) => {
      model.on('close', (error?: Error) => resolve(error?.message ?? lastError));
    });
  }

  /** @throws Error of the socket or of the handshake. */
  static async open({ url, client, clock, partition }: LinkOptions): Promise<AmqpLink> {
    await partition?.passable(ANSWER_WITHIN_MS);
    const target = new URL(url);
    if (!target.searchParams.has('heartbeat'))
      target.searchParams.set('heartbeat', `${HEARTBEAT_S}`);
    const model = await connect(target.href, {
      // Without it a request waits up to 40 ms for a delayed acknowledgement of the kernel.
      noDelay: true,
      timeout: ANSWER_WITHIN_MS,
      clientProperties: { connection_name: client },
    });
    partition?.guard(socketOf(model));
    return new AmqpLink(model, clock);
  }

  /** The broker reads nothing of this connection while it is short of memory or disk. */
  onBlocked(listener: (isBlocked: boolean, reason: string) => void): void {
    this.#model.on('blocked', (reason) => listener(true, reason));
    this.#model.on('unblocked', () => listener(false, ''));
  }

  /** @throws OutcomeUnknownError when the broker does not answer. */
  openChannel(): Promise<Channel> {
    return this.within(ANSWER_WITHIN_MS, 'opening a channel', this.#model.createChannel());
  }

  /** @throws OutcomeUnknownError when the broker does not answer. */
  openConfirmChannel(): Promise<ConfirmChannel> {
    return this.within(ANSWER_WITHIN_MS, 'opening a channel', this.#model.createConfirmChannel());
  }

  /**
   * Waits for an answer of the broker: amqplib forgets some requests when the connection goes.
   * @throws OutcomeUnknownError when there is none in time.
   * @throws Error when the connection ends before.
   */
  within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(limitMs, () =>
        reject(new OutcomeUnknownError(`${what}: no answer within ${limitMs} ms`)),
      );
      const gone = this.ended.then((reason) => {
        throw new Error(reason);
      });
      Promise.race([work, gone])
        .then(resolve, reject)
        .finally(() => timer.cancel());
    });
  }

  /** Drops the socket: everything that waits for an answer fails with this reason. */
  destroy(reason: string): void {
    // amqplib has no word for it, and its `close` waits for ever for a broker that is stuck on a channel.
    socketOf(this.#model).destroy(new Error(reason));
  }

  /** Says goodbye, and does not wait long for the answer. */
  async [Symbol.asyncDispose](): Promise<void> {
    const limit = new AbortController();
    await Promise.race([
      this.#model.close().catch(() => undefined),
      this.ended,
      this.#clock.sleep(GOODBYE_WITHIN_MS, limit.signal),
    ]);
    limit.abort();
    this.destroy('closed');
  }
}

function socketOf({ connection }: ChannelModel): Socket {
  return (connection as unknown as { stream: Socket }).stream;
}
