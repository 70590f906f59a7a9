/** A virtual host: its exchanges and queues by name, what may be declared, and where a message goes. */
import type { Clock } from '../kernel/clock.ts';
import { EMPTY_TABLE } from './codec/field-table.ts';
import { deadLetterOf, isAutomaticCycle } from './core/dead-letter.ts';
import type { QueueEntry } from './core/entry.ts';
import { assertSameArguments, assertSameProperty } from './core/equivalence.ts';
import { Exchange, type Binding, type ExchangeSpec, type ExchangeType } from './core/exchange.ts';
import { checkMatchMode } from './core/headers-match.ts';
import type { Message } from './core/message.ts';
import { COMPARED_QUEUE_ARGUMENTS } from './core/queue-arguments.ts';
import { Queue, type DeathReason, type QueueHost, type QueueSpec } from './core/queue.ts';
import { copyKeys, route, type Directory } from './core/routing.ts';
import { describe, notFound, resourceLocked } from './errors.ts';
import type { MemoryGauge } from './memory-gauge.ts';
import type { Store, StoredBinding } from './store.ts';

export interface VirtualHostOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly store: Store;
  readonly memory: MemoryGauge;
}

/** Every virtual host has these from the start; they are never stored or deleted. */
const PREDECLARED: readonly (readonly [string, ExchangeType])[] = [
  ['', 'direct'],
  ['amq.direct', 'direct'],
  ['amq.fanout', 'fanout'],
  ['amq.topic', 'topic'],
  ['amq.headers', 'headers'],
  ['amq.match', 'headers'],
];

export class VirtualHost implements Directory, QueueHost {
  readonly name: string;
  readonly clock: Clock;
  readonly #store: Store;
  readonly #memory: MemoryGauge;
  readonly #exchanges = new Map<string, Exchange>();
  readonly #queues = new Map<string, Queue>();
  /** Bindings that lead to a queue or exchange, so that deleting it finds them. */
  readonly #inbound = new Map<Queue | Exchange, Set<Binding>>();

  constructor(options: VirtualHostOptions) {
    this.name = options.name;
    this.clock = options.clock;
    this.#store = options.store;
    this.#memory = options.memory;
    for (const [name, type] of PREDECLARED) {
      const spec = { name, type, durable: true, autoDelete: false, internal: false };
      this.#exchanges.set(name, new Exchange({ ...spec, args: EMPTY_TABLE }));
    }
    this.#restoreTopology();
  }

  get vhost(): string {
    return this.name;
  }

  get queues(): Iterable<Queue> {
    return this.#queues.values();
  }

  findExchange(name: string): Exchange | undefined {
    return this.#exchanges.get(name);
  }

  findQueue(name: string): Queue | undefined {
    return this.#queues.get(name);
  }

  /** @throws ProtocolError 404 */
  exchange(name: string): Exchange {
    const exchange = this.#exchanges.get(name);
    if (exchange === undefined) throw notFound('exchange', name, this.name);
    return exchange;
  }

  /** @throws ProtocolError 404, or 405 when it belongs to another connection */
  queue(name: string, user: object): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw notFound('queue', name, this.name);
    if (queue.spec.owner !== undefined && queue.spec.owner !== user) {
      throw resourceLocked(name, this.name);
    }
    return queue;
  }

  /** Answers the queue, new or as it was. @throws ProtocolError 405, 406 when it is another queue */
  declareQueue(spec: QueueSpec): Queue {
    const existing = this.#queues.get(spec.name);
    if (existing !== undefined) {
      this.#assertSameQueue(existing.spec, spec);
      return existing;
    }
    const isKept = spec.durable && spec.owner === undefined;
    const row = isKept ? this.#store.addQueue(this.name, spec) : 0;
    const queue = new Queue(spec, row, this);
    this.#queues.set(spec.name, queue);
    return queue;
  }

  /** Answers how many ready messages went with it. */
  deleteQueue(queue: Queue): number {
    if (this.#queues.get(queue.name) !== queue) return 0;
    this.#queues.delete(queue.name);
    if (queue.row > 0) this.#store.removeQueue(queue.row);
    this.#dropInbound(queue);
    return queue.delete();
  }

  /** The exclusive queues of a connection go with it. */
  deleteOwnedBy(owner: object): void {
    for (const queue of this.#queues.values())
      if (queue.spec.owner === owner) this.deleteQueue(queue);
  }

  /** @throws ProtocolError 406 when the name is taken by a different exchange */
  declareExchange(spec: ExchangeSpec): void {
    const existing = this.#exchanges.get(spec.name);
    if (existing !== undefined) return this.#assertSameExchange(existing.spec, spec);
    // First the disk: what it does not take must not be there until the next start only.
    if (spec.durable) this.#store.addExchange(this.name, spec);
    this.#exchanges.set(spec.name, new Exchange(spec));
  }

  deleteExchange(exchange: Exchange): void {
    if (this.#exchanges.get(exchange.name) !== exchange) return;
    this.#exchanges.delete(exchange.name);
    if (exchange.spec.durable) this.#store.removeExchange(this.name, exchange.name);
    this.#dropInbound(exchange);
    for (const binding of exchange.bindings) {
      this.#inbound.get(binding.destination)?.delete(binding);
    }
  }

  /** Does nothing when the binding is there already. */
  bind(binding: Binding): void {
    if (binding.source.spec.type === 'headers') checkMatchMode(binding.args);
    if (!this.#attach(binding)) return;
    if (!isDurable(binding)) return;
    try {
      this.#store.addBinding(this.name, storedForm(binding));
    } catch (error) {
      this.#detach(binding);
      throw error;
    }
  }

  /** Does nothing when there is no such binding. */
  unbind(binding: Binding): void {
    if (!this.#detach(binding)) return;
    if (isDurable(binding)) this.#store.removeBinding(this.name, storedForm(binding));
    const { source } = binding;
    if (source.spec.autoDelete && source.bindingCount === 0) this.deleteExchange(source);
  }

  /** The queues that get a copy. @throws ProtocolError 406 for a malformed CC or BCC */
  route(exchange: Exchange, message: Message, copies: readonly string[]): readonly Queue[] {
    const headers = exchange.spec.type === 'headers' ? message.headers : undefined;
    return route(this, { exchange, keys: [message.routingKey, ...copies], headers });
  }

  stored(entry: QueueEntry): void {
    const { message } = entry;
    if (message.references++ === 0) this.#memory.add(message.bytes);
    if (entry.queueRow > 0) this.#store.addEntry(entry);
  }

  changed(entry: QueueEntry): void {
    this.#store.changeEntry(entry);
  }

  settled(entry: QueueEntry): void {
    const { message } = entry;
    if (--message.references === 0) this.#memory.subtract(message.bytes);
    if (entry.queueRow > 0) this.#store.removeEntry(entry);
  }

  deadLetter(queue: Queue, message: Message, reason: DeathReason): boolean {
    const { deadLetterExchange, deadLetterKey, keepsUndeliverable } = queue.limits;
    if (deadLetterExchange === undefined) return true;
    const exchange = this.#exchanges.get(deadLetterExchange);
    if (exchange === undefined) return !keepsUndeliverable;
    const dead = deadLetterOf(message, {
      queue: queue.name,
      reason,
      at: this.clock.now(),
      exchange: deadLetterExchange,
      routingKey: deadLetterKey,
    });
    const queues = this.route(exchange, dead, copyKeys(dead.headers)).filter(
      (target) => reason === 'rejected' || !isAutomaticCycle(dead, target.name),
    );
    const taken = queues.filter((target) => target.offer(dead)).length;
    return taken > 0 || !keepsUndeliverable;
  }

  unused(queue: Queue): void {
    this.deleteQueue(queue);
  }

  /** Puts an entry from the store into its queue. */
  restore(entry: QueueEntry, queue: Queue): void {
    const { message } = entry;
    if (message.references++ === 0) this.#memory.add(message.bytes);
    queue.restore(entry);
  }

  #restoreTopology(): void {
    const { exchanges, queues, bindings } = this.#store.readTopology(this.name);
    for (const spec of exchanges) this.#exchanges.set(spec.name, new Exchange(spec));
    for (const { row, spec } of queues) this.#queues.set(spec.name, new Queue(spec, row, this));
    for (const { source, destinationKind, destination, key, args } of bindings) {
      const from = this.#exchanges.get(source);
      const to = (destinationKind === 'queue' ? this.#queues : this.#exchanges).get(destination);
      if (from !== undefined && to !== undefined) {
        this.#attach({ source: from, destination: to, key, args });
      }
    }
  }

  #attach(binding: Binding): boolean {
    if (!binding.source.bind(binding)) return false;
    const inbound = this.#inbound.get(binding.destination) ?? new Set();
    this.#inbound.set(binding.destination, inbound.add(binding));
    return true;
  }

  #detach(binding: Binding): boolean {
    const known = binding.source.unbind(binding);
    if (known !== undefined) this.#inbound.get(known.destination)?.delete(known);
    return known !== undefined;
  }

  #dropInbound(destination: Queue | Exchange): void {
    for (const binding of this.#inbound.get(destination) ?? []) this.unbind(binding);
    this.#inbound.delete(destination);
  }

  #assertSameQueue(current: QueueSpec, received: QueueSpec): void {
    const where = describe('queue', current.name, this.name);
    if (current.owner !== received.owner) throw resourceLocked(current.name, this.name);
    assertSameProperty(where, 'durable', {
      received: received.durable,
      current: current.durable,
    });
    assertSameProperty(where, 'auto_delete', {
      received: received.autoDelete,
      current: current.autoDelete,
    });
    assertSameArguments(COMPARED_QUEUE_ARGUMENTS, {
      where,
      received: received.args,
      current: current.args,
    });
  }

  #assertSameExchange(current: ExchangeSpec, received: ExchangeSpec): void {
    const where = describe('exchange', current.name, this.name);
    const pairs = [
      ['type', received.type, current.type],
      ['durable', received.durable, current.durable],
      ['auto_delete', received.autoDelete, current.autoDelete],
      ['internal', received.internal, current.internal],
    ] as const;
    for (const [property, now, before] of pairs) {
      assertSameProperty(where, property, { received: now, current: before });
    }
    assertSameArguments(['alternate-exchange'], {
      where,
      received: received.args,
      current: current.args,
    });
  }
}

/** A binding survives when both its ends do. */
function isDurable({ source, destination }: Binding): boolean {
  if (!source.spec.durable) return false;
  return destination.kind === 'queue' ? destination.row > 0 : destination.spec.durable;
}

function storedForm({ source, destination, key, args }: Binding): StoredBinding {
  return {
    source: source.name,
    destinationKind: destination.kind,
    destination: destination.name,
    key,
    args,
  };
}
