/** A queue: ready entries, the consumers that share them, and the limits that push entries out. */
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { FieldTable } from '../codec/field-table.ts';
import { describe, ProtocolError } from '../errors.ts';
import { ConsumerRing } from './consumer-ring.ts';
import type { QueueEntry } from './entry.ts';
import type { Message } from './message.ts';
import { parseQueueLimits, type QueueLimits } from './queue-arguments.ts';
import { ReadyEntries } from './ready-entries.ts';

/** What a declaration says about a queue. */
export interface QueueSpec {
  readonly name: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  /** The connection that alone may use it, and with which it dies. */
  readonly owner: object | undefined;
  readonly args: FieldTable;
}

/** Why a message left its queue unread; the `reason` of `x-death`. */
export type DeathReason = 'rejected' | 'expired' | 'maxlen' | 'delivery_limit';

/** A consumer as its queue sees it. */
export interface QueueConsumer {
  readonly isExclusive: boolean;
  /** Has it room (prefetch) and a socket that takes more? */
  readonly isReady: boolean;
  deliver(entry: QueueEntry): void;
  /** The queue is gone: the client is told if it understands. */
  queueDeleted(): void;
}

/** What a queue asks of its surroundings. */
export interface QueueHost {
  readonly vhost: string;
  readonly clock: Clock;
  /** Keeps the entry if it must survive. */
  stored(entry: QueueEntry): void;
  /** The entry came back: its count and its redelivered mark changed. */
  changed(entry: QueueEntry): void;
  /** The entry is settled: forget it, and its message with the last entry. */
  settled(entry: QueueEntry): void;
  /** Routes a dead message on. Answers false when it must be kept and tried again. */
  deadLetter(queue: Queue, message: Message, reason: DeathReason): boolean;
  /** The last consumer of an auto-delete queue has left. */
  unused(queue: Queue): void;
}

/** Longest time a Node timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** How long a dead letter that nobody takes waits before the next try. */
const DEAD_LETTER_RETRY_MS = 1_000;

export class Queue {
  readonly kind = 'queue';
  readonly spec: QueueSpec;
  readonly limits: QueueLimits;
  /** Its row in the store; 0 when it is not stored. */
  readonly row: number;
  readonly #host: QueueHost;
  readonly #ready = new ReadyEntries();
  readonly #consumers = new ConsumerRing<QueueConsumer>();
  readonly #stranded: { entry: QueueEntry; reason: DeathReason }[] = [];
  #nextSeq = 1;
  #unacked = 0;
  #isDeleted = false;
  #expiry: { readonly at: number; readonly timer: Timer } | undefined;
  #retry: Timer | undefined;

  constructor(spec: QueueSpec, row: number, host: QueueHost) {
    this.spec = spec;
    this.row = row;
    this.limits = parseQueueLimits(spec.args);
    this.#host = host;
  }

  get name(): string {
    return this.spec.name;
  }

  /** Messages that wait for a consumer. */
  get readyCount(): number {
    this.#expire();
    return this.#ready.length;
  }

  /** Messages delivered and not settled. */
  get unackedCount(): number {
    return this.#unacked + this.#stranded.length;
  }

  get consumerCount(): number {
    return this.#consumers.size;
  }

  /** Takes a message. Answers false when the queue is full and refuses instead of dropping. */
  offer(message: Message, expiration?: number): boolean {
    if (this.limits.overflow !== 'drop-head' && this.#isFullFor(message)) {
      if (this.limits.overflow === 'reject-publish-dlx') {
        this.#host.deadLetter(this, message, 'maxlen');
      }
      return false;
    }
    const entry = this.#newEntry(message, expiration);
    this.#host.stored(entry);
    if (this.#ready.length === 0 && this.#deliver(entry)) return true;
    this.#ready.push(entry);
    this.dispatch();
    this.#trim();
    return true;
  }

  /** Puts back what the store had, in order; before anybody can consume. */
  restore(entry: QueueEntry): void {
    this.#nextSeq = Math.max(this.#nextSeq, entry.seq + 1);
    this.#ready.push(entry);
    this.#armExpiry();
  }

  /** Hands ready messages to consumers until one side runs out. */
  dispatch(): void {
    this.#expire();
    for (let first = this.#ready.first(); first !== undefined; first = this.#ready.first()) {
      if (!this.#deliver(first)) break;
      this.#ready.shift();
    }
    this.#armExpiry();
  }

  /** One message for basic.get: it counts as unacked until it is settled. */
  get(): QueueEntry | undefined {
    this.#expire();
    const entry = this.#ready.shift();
    if (entry !== undefined) this.#unacked++;
    return entry;
  }

  ack(entry: QueueEntry): void {
    this.#unacked--;
    this.#host.settled(entry);
  }

  /** Settles without requeue: dead-lettered if the queue has an exchange for that. */
  reject(entry: QueueEntry): void {
    this.#unacked--;
    this.#bury(entry, 'rejected');
  }

  /** Back to their old positions, marked as redelivered; over the delivery limit they die. */
  requeue(entries: readonly QueueEntry[]): void {
    this.#unacked -= entries.length;
    for (const entry of entries) this.#takeBack(entry);
    this.dispatch();
    this.#trim();
  }

  /** @throws ProtocolError 403 when exclusiveness forbids another consumer */
  addConsumer(consumer: QueueConsumer): void {
    const isTaken = this.#consumers.all().some((other) => other.isExclusive);
    if (isTaken || (consumer.isExclusive && this.#consumers.size > 0)) {
      const where = describe('queue', this.name, this.#host.vhost);
      throw new ProtocolError('access-refused', `${where} in exclusive use`);
    }
    this.#consumers.add(consumer);
  }

  removeConsumer(consumer: QueueConsumer): void {
    if (!this.#consumers.remove(consumer)) return;
    if (this.spec.autoDelete && this.#consumers.size === 0 && !this.#isDeleted) {
      this.#host.unused(this);
    }
  }

  /** Drops every ready message and answers how many there were. */
  purge(): number {
    const count = this.readyCount;
    for (let entry = this.#ready.shift(); entry !== undefined; entry = this.#ready.shift()) {
      this.#host.settled(entry);
    }
    return count;
  }

  /** The end: drops the messages, tells the consumers. Unacked entries are dropped as they come back. */
  delete(): number {
    this.#isDeleted = true;
    this.#expiry?.timer.cancel();
    this.#retry?.cancel();
    const count = this.purge();
    for (const { entry } of this.#stranded.splice(0)) this.#host.settled(entry);
    for (const consumer of this.#consumers.removeAll()) consumer.queueDeleted();
    return count;
  }

  #newEntry(message: Message, expiration: number | undefined): QueueEntry {
    const ttl = Math.min(expiration ?? Infinity, this.limits.messageTtlMs ?? Infinity);
    const survives = this.row > 0 && (message.isPersistent || this.limits.type === 'quorum');
    return {
      message,
      seq: this.#nextSeq++,
      expiresAt: ttl === Infinity ? undefined : this.#host.clock.now() + ttl,
      queueRow: survives ? this.row : 0,
      redelivered: false,
      deliveryCount: 0,
      durability: 'absent',
    };
  }

  #deliver(entry: QueueEntry): boolean {
    const consumer = this.#consumers.take();
    if (consumer === undefined) return false;
    this.#unacked++;
    consumer.deliver(entry);
    return true;
  }

  #takeBack(entry: QueueEntry): void {
    if (this.#isDeleted) return this.#host.settled(entry);
    entry.redelivered = true;
    if (this.limits.type === 'quorum') {
      entry.deliveryCount++;
      const limit = this.limits.deliveryLimit;
      if (limit !== undefined && entry.deliveryCount > limit) {
        return this.#bury(entry, 'delivery_limit');
      }
    }
    this.#host.changed(entry);
    this.#ready.putBack(entry);
  }

  /** Dead-letters and settles in one go: the store writes both in one transaction. */
  #bury(entry: QueueEntry, reason: DeathReason): void {
    if (this.#isDeleted || this.#host.deadLetter(this, entry.message, reason)) {
      this.#host.settled(entry);
      return;
    }
    this.#stranded.push({ entry, reason });
    this.#retry ??= this.#host.clock.after(DEAD_LETTER_RETRY_MS, () => this.#retryStranded(), {
      weak: true,
    });
  }

  #retryStranded(): void {
    this.#retry = undefined;
    for (const { entry, reason } of this.#stranded.splice(0)) this.#bury(entry, reason);
  }

  #isFullFor(message: Message): boolean {
    const { maxLength = Infinity, maxLengthBytes = Infinity } = this.limits;
    return (
      this.#ready.length + 1 > maxLength ||
      this.#ready.bodyBytes + message.body.length > maxLengthBytes
    );
  }

  #trim(): void {
    const { maxLength = Infinity, maxLengthBytes = Infinity, overflow } = this.limits;
    if (overflow !== 'drop-head') return;
    while (this.#ready.length > maxLength || this.#ready.bodyBytes > maxLengthBytes) {
      this.#bury(this.#ready.shift() as QueueEntry, 'maxlen');
    }
  }

  /** Only the head can expire: what waits behind a longer-lived message waits with it. */
  #expire(): void {
    let first = this.#ready.first();
    if (first?.expiresAt === undefined) return;
    const now = this.#host.clock.now();
    for (; first?.expiresAt !== undefined && first.expiresAt <= now; first = this.#ready.first()) {
      this.#ready.shift();
      this.#bury(first, 'expired');
    }
  }

  #armExpiry(): void {
    const at = this.#ready.first()?.expiresAt;
    if (at === this.#expiry?.at) return;
    this.#expiry?.timer.cancel();
    if (at === undefined) {
      this.#expiry = undefined;
      return;
    }
    const delay = Math.min(Math.max(at - this.#host.clock.now(), 0), MAX_TIMER_MS);
    const wake = (): void => {
      this.#expiry = undefined;
      this.#expire();
      this.#armExpiry();
    };
    this.#expiry = { at, timer: this.#host.clock.after(delay, wake, { weak: true }) };
  }
}
