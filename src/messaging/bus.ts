/** The bus port: what any part may ask of a broker, and what each answer means. */
import type { DeadLetterReason } from '../contracts/dead-letters.ts';
import type { Contract } from '../contracts/message.ts';

/** A message on its way out. Build it with `outgoing()`, which checks the body against its contract. */
export interface OutgoingMessage {
  /** Empty for the default exchange: the routing key is then a queue's name. */
  readonly exchange: string;
  readonly routingKey: string;
  /** Contract name and version. */
  readonly type: string;
  readonly version: number;
  /** `saga:step:direction` for commands: the same over all attempts, so it is the idempotency key. */
  readonly id: string;
  /** The saga's id, when the message belongs to one. */
  readonly correlationId?: string | undefined;
  /** Message id of the command or query that this answers. */
  readonly inReplyTo?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly attempt: number;
  readonly traceparent?: string | undefined;
  /** The scenario run that this message belongs to. */
  readonly run?: string | undefined;
  /** Survives the broker, and is reported when no queue takes it. Off for live views and queries. */
  readonly durable: boolean;
  readonly body: unknown;
}

/** A message as it came from the wire: the envelope is checked, the body not yet. */
export interface IncomingMessage extends Omit<OutgoingMessage, 'durable'> {
  /** Part that sent it. */
  readonly sender: string;
  /** When it was sent, milliseconds since 1970. */
  readonly sentAt: number;
  /** How often people sent it again after it was dead-lettered; absent when they never did. */
  readonly redriven?: number | undefined;
}

/** Values of AMQP tables: numbers, strings, booleans, null, bytes, arrays, and tables again. */
export type WireTable = Readonly<Record<string, unknown>>;

/** A message as bytes, with the properties that it came with, whatever they are. */
export interface RawMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  /** As the client library names them: `type`, `messageId`, `headers` … */
  readonly properties: WireTable;
}

/**
 * The three answers of a broker. `confirmed`: it has the message and will keep it. `refused`: it
 * does not answer for it (nack, or no queue took it: `isUnroutable`), though a copy may still arrive. `unknown`: the
 * connection went before the answer came. Publish again under the same id in both cases.
 */
export type PublishOutcome =
  | { readonly outcome: 'confirmed' }
  | { readonly outcome: 'refused'; readonly reason: string; readonly isUnroutable?: true }
  | { readonly outcome: 'unknown'; readonly reason: string };

/** One message handed over by the broker; exactly one of `ack` and `reject` ends it, later calls do nothing. */
export interface Delivery {
  /** The parsed envelope, or why the message can't be one of ours. */
  readonly content:
    | { readonly ok: true; readonly message: IncomingMessage }
    | { readonly ok: false; readonly reason: DeadLetterReason; readonly detail: string };
  /** What came, byte by byte: for a copy of it. */
  readonly raw: RawMessage;
  /** How often it came back from a part that took it and went; 0 where the broker does not count. */
  readonly returns: number;
  /** It was delivered before, here or elsewhere; the effect may have happened. */
  readonly redelivered: boolean;
  ack(): void;
  /** Never to be delivered again: the broker dead-letters it. */
  reject(): void;
}

export interface Consumer {
  /** No further deliveries; those in hand may still be acked. */
  cancel(): Promise<void>;
}

export interface Subscription extends Consumer {
  /** Name of the private queue, to be used as `replyTo`; undefined while there is no connection. */
  address(): string | undefined;
}

export interface Binding {
  readonly exchange: string;
  readonly routingKey: string;
}

/** Guarantees: consumers and subscriptions survive a lost connection; deliveries come at least once. */
export interface Bus extends AsyncDisposable {
  isConnected(): boolean;
  /** The broker takes no messages for now (short of memory or disk): take on nothing new. */
  isBlocked(): boolean;
  /**
   * Waits for a connection, and durable messages for a broker that is blocked, for a moment; publishes once, and
   * tells what became of it. Never throws.
   */
  publish(message: OutgoingMessage): Promise<PublishOutcome>;
  /** Publishes bytes as they are, durable; told apart from a fresh message by nothing. Never throws. */
  forward(raw: RawMessage): Promise<PublishOutcome>;
  /** Competes for a durable queue's messages, at most `prefetch` of them unacked. */
  consume(
    queue: string,
    prefetch: number,
    onDelivery: (delivery: Delivery) => void,
  ): Promise<Consumer>;
  /**
   * Messages that wait in a queue; those in somebody's hands are not counted.
   * @throws Error when there is no such queue, or no connection.
   */
  depthOf(queue: string): Promise<number>;
  /** Watches from a private queue that goes with the connection: what is missed meanwhile is missed. */
  subscribe(
    bindings: readonly Binding[],
    onMessage: (message: IncomingMessage) => void,
  ): Promise<Subscription>;
}

/** Fields of an outgoing message besides its contract and body. */
export type OutgoingOptions = Omit<
  OutgoingMessage,
  'type' | 'version' | 'body' | 'attempt' | 'durable'
> &
  Partial<Pick<OutgoingMessage, 'attempt' | 'durable'>>;

/**
 * A message that keeps its contract's promise.
 * @throws ZodError when the body does not fit: that is a defect of the sender.
 */
export function outgoing<Body>(
  contract: Contract<string, Body>,
  body: Body,
  options: OutgoingOptions,
): OutgoingMessage {
  return {
    attempt: 1,
    durable: true,
    ...options,
    type: contract.name,
    version: contract.version,
    body: contract.body.parse(body),
  };
}
