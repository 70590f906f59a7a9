/** A channel: its consumers, unacked deliveries, prefetch windows and confirms. What methods do is in `handlers/`. */
import { writeContent, writeDelivery } from './codec/delivery.ts';
import type { MethodArgs, MethodName } from './codec/methods.ts';
import type { OutputBuffer } from './codec/output-buffer.ts';
import { PublishDecoder } from './codec/publish.ts';
import type { ConfirmTracker } from './confirm-tracker.ts';
import { encodeTag, type Consumer, type ConsumerHost } from './consumer.ts';
import { ContentAssembler } from './content-assembler.ts';
import { withDeliveryCount } from './core/delivery-count.ts';
import type { QueueEntry } from './core/entry.ts';
import { encodeAddress, type Message } from './core/message.ts';
import type { Queue } from './core/queue.ts';
import { ProtocolError } from './errors.ts';
import type { ReplyTarget } from './reply-addresses.ts';
import type { Services } from './services.ts';
import { UnackedDeliveries, type Unacked } from './unacked.ts';
import type { VirtualHost } from './vhost.ts';

/** What a channel needs of its connection. */
export interface ChannelHost {
  readonly vhost: VirtualHost;
  readonly services: Services;
  /** Authenticated user: `user-id` must be this one. */
  readonly user: string;
  /** Stands for the connection as the owner of exclusive queues. */
  readonly identity: object;
  readonly frameMax: number;
  readonly out: OutputBuffer;
  /** The socket takes no more for now. */
  readonly isCongested: boolean;
  /** The client understands a basic.cancel from the server. */
  readonly wantsCancelNotice: boolean;
  send<Name extends MethodName>(channel: number, name: Name, args: MethodArgs<Name>): void;
  /** Something was written into `out`. */
  flushSoon(): void;
  /** A message has come in: from now on the connection counts as a publisher. */
  publishing(): void;
  /** Publishes of this channel wait for their confirm. */
  confirmSoon(channel: Channel): void;
}

/** The one consumer of direct replies that a channel may have. */
export interface ReplyConsumer {
  readonly tag: string;
  readonly address: string;
}

export class Channel implements ConsumerHost, ReplyTarget {
  readonly number: number;
  readonly connection: ChannelHost;
  readonly publishes = new PublishDecoder();
  readonly content = new ContentAssembler();
  readonly consumers = new Map<string, Consumer>();
  /** Queue that an empty name stands for. */
  lastQueue = '';
  /** Window of consumers that are started from now on; 0 = none. */
  prefetch = 0;
  /** Window of the whole channel; 0 = none. */
  globalPrefetch = 0;
  confirms: ConfirmTracker | undefined;
  replyConsumer: ReplyConsumer | undefined;
  /** Closed by an error: deaf until the client says close-ok. */
  isClosing = false;
  readonly #unacked = new UnackedDeliveries();
  #deliveryTag = 0;
  /** Unacked messages of consumers: what the global window counts; basic.get is free. */
  #consumed = 0;

  constructor(number: number, connection: ChannelHost) {
    this.number = number;
    this.connection = connection;
  }

  get vhost(): VirtualHost {
    return this.connection.vhost;
  }

  get isCongested(): boolean {
    return this.isClosing || this.connection.isCongested;
  }

  get hasWindow(): boolean {
    return this.globalPrefetch === 0 || this.#consumed < this.globalPrefetch;
  }

  reply<Name extends MethodName>(name: Name, args: MethodArgs<Name>): void {
    this.connection.send(this.number, name, args);
  }

  /** The queue a method means: by name, or the last one declared here. @throws ProtocolError */
  queueNamed(name: string): Queue {
    return this.vhost.queue(this.queueName(name), this.connection.identity);
  }

  /** @throws ProtocolError 404 when no queue was declared here */
  queueName(name: string): string {
    if (name !== '') return name;
    if (this.lastQueue === '') throw new ProtocolError('not-found', 'no previously declared queue');
    return this.lastQueue;
  }

  deliver(consumer: Consumer, entry: QueueEntry): void {
    const deliveryTag = ++this.#deliveryTag;
    const { message } = entry;
    const delivery = {
      channel: this.number,
      consumerTag: consumer.tagBytes,
      deliveryTag,
      redelivered: entry.redelivered,
      address: message.address,
      content: entry.deliveryCount > 0 ? withDeliveryCount(entry) : message,
    };
    writeDelivery(this.connection.out, delivery, this.connection.frameMax);
    this.connection.flushSoon();
    if (consumer.noAck) return consumer.queue.ack(entry);
    consumer.unacked++;
    this.#consumed++;
    this.#unacked.add(deliveryTag, { entry, queue: consumer.queue, consumer });
  }

  /** Answers basic.get with a message. */
  deliverGot(queue: Queue, entry: QueueEntry, noAck: boolean): void {
    const deliveryTag = ++this.#deliveryTag;
    const { message, redelivered } = entry;
    const { exchange, routingKey } = message;
    const messageCount = queue.readyCount;
    this.reply('basic.get-ok', { deliveryTag, redelivered, exchange, routingKey, messageCount });
    this.sendContent(queue.limits.type === 'quorum' ? withDeliveryCount(entry) : message);
    if (noAck) queue.ack(entry);
    else this.#unacked.add(deliveryTag, { entry, queue, consumer: undefined });
  }

  deliverReply(message: Message): void {
    if (this.replyConsumer === undefined) return;
    const { tag, address } = this.replyConsumer;
    const delivery = {
      channel: this.number,
      consumerTag: encodeTag(tag),
      deliveryTag: ++this.#deliveryTag,
      redelivered: false,
      address: encodeAddress('', address),
      content: message,
    };
    writeDelivery(this.connection.out, delivery, this.connection.frameMax);
    this.connection.flushSoon();
  }

  /** Writes the header and body frames that belong to the method just sent. */
  sendContent(content: { readonly header: Buffer; readonly body: Buffer }): void {
    const { out, frameMax } = this.connection;
    writeContent(out, this.number, { content, frameMax });
    this.connection.flushSoon();
  }

  /** @throws ProtocolError 406 for an unknown tag */
  ack(tag: number, multiple: boolean): void {
    const settled = this.#unacked.take(tag, multiple);
    for (const { entry, queue, consumer } of settled) {
      this.#leaveWindow(consumer);
      queue.ack(entry);
    }
    this.#serve(settled);
  }

  /** basic.reject and basic.nack. @throws ProtocolError 406 for an unknown tag */
  refuse(tag: number, options: { readonly multiple: boolean; readonly requeue: boolean }): void {
    const settled = this.#unacked.take(tag, options.multiple);
    for (const { consumer } of settled) this.#leaveWindow(consumer);
    if (options.requeue) requeue(settled);
    else for (const { entry, queue } of settled) queue.reject(entry);
    this.#serve(settled);
  }

  /** Every unacked message goes back to its queue: basic.recover. */
  recover(): void {
    const all = this.#unacked.takeAll();
    for (const { consumer } of all) this.#leaveWindow(consumer);
    requeue(all);
  }

  /** Lets waiting messages through after the windows have changed. */
  dispatch(): void {
    for (const { queue } of this.consumers.values()) queue.dispatch();
  }

  /** Ends a subscription; what it has unacked stays outstanding. */
  cancel(tag: string): void {
    if (this.replyConsumer?.tag === tag) return this.#dropReplyConsumer();
    const consumer = this.consumers.get(tag);
    if (consumer === undefined) return;
    this.consumers.delete(tag);
    consumer.queue.removeConsumer(consumer);
  }

  consumerCancelled(consumer: Consumer): void {
    this.consumers.delete(consumer.tag);
    if (!this.connection.wantsCancelNotice || this.isClosing) return;
    this.reply('basic.cancel', { consumerTag: consumer.tag, nowait: true });
  }

  /** Answers every publish up to this number; what is not kept is refused. */
  sendConfirms(last: number, isKept: boolean): void {
    if (this.confirms === undefined || this.isClosing) return;
    const frames = isKept ? this.confirms.answer(last) : this.confirms.refuse(last);
    for (const { outcome, tag: deliveryTag, multiple } of frames) {
      if (outcome === 'ack') this.reply('basic.ack', { deliveryTag, multiple });
      else this.reply('basic.nack', { deliveryTag, multiple, requeue: true });
    }
  }

  /** The end of the channel: what it has unacked goes back to the queues, to the consumers of others. */
  release(): void {
    this.isClosing = true;
    this.content.reset();
    this.#dropReplyConsumer();
    // Requeued before an auto-delete queue sees its last consumer leave; closing consumers take nothing.
    requeue(this.#unacked.takeAll());
    const consumers = [...this.consumers.values()];
    this.consumers.clear();
    for (const consumer of consumers) consumer.queue.removeConsumer(consumer);
  }

  #dropReplyConsumer(): void {
    if (this.replyConsumer === undefined) return;
    this.connection.services.replies.remove(this.replyConsumer.address);
    this.replyConsumer = undefined;
  }

  #leaveWindow(consumer: Consumer | undefined): void {
    if (consumer === undefined) return;
    consumer.unacked--;
    this.#consumed--;
  }

  /** Room in a window lets more through: of the settled queues, or of all when the window is shared. */
  #serve(settled: readonly Unacked[]): void {
    if (this.globalPrefetch > 0) return this.dispatch();
    const [first] = settled;
    if (settled.length === 1) return first?.queue.dispatch();
    for (const queue of new Set(settled.map((unacked) => unacked.queue))) queue.dispatch();
  }
}

/** Back to their queues, each in one go and in order. */
function requeue(deliveries: readonly Unacked[]): void {
  const byQueue = new Map<Queue, QueueEntry[]>();
  for (const { queue, entry } of deliveries) {
    const entries = byQueue.get(queue) ?? [];
    entries.push(entry);
    byQueue.set(queue, entries);
  }
  for (const [queue, entries] of byQueue) queue.requeue(entries);
}
