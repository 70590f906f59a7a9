/** An exchange: its bindings, and which of them a routing key takes. */
import { EMPTY_TABLE, encodeTable, textOf, type FieldTable } from '../codec/field-table.ts';
import { ProtocolError } from '../errors.ts';
import { matchesHeaders } from './headers-match.ts';
import type { Queue } from './queue.ts';
import { matchesTopic, wordsOf } from './topic-pattern.ts';

export const EXCHANGE_TYPES = ['direct', 'fanout', 'topic', 'headers'] as const;
export type ExchangeType = (typeof EXCHANGE_TYPES)[number];

/** What a declaration says about an exchange. */
export interface ExchangeSpec {
  readonly name: string;
  readonly type: ExchangeType;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly internal: boolean;
  readonly args: FieldTable;
}

export interface Binding {
  readonly source: Exchange;
  readonly destination: Queue | Exchange;
  readonly key: string;
  readonly args: FieldTable;
}

/** Where a routing key leads directly, before exchange-to-exchange bindings are followed. */
export interface Matches {
  readonly queues: readonly Queue[];
  readonly exchanges: readonly Exchange[];
}

const NO_MATCHES: Matches = { queues: [], exchanges: [] };
/** Routing keys remembered per exchange; past that the memory starts anew. */
const CACHE_LIMIT = 2_000;

/** @throws ProtocolError 503 for a type that does not exist */
export function parseExchangeType(type: string): ExchangeType {
  const known = EXCHANGE_TYPES.find((name) => name === type);
  if (known !== undefined) return known;
  throw new ProtocolError('command-invalid', `unknown exchange type '${type}'`);
}

export class Exchange {
  readonly kind = 'exchange';
  readonly spec: ExchangeSpec;
  readonly #bindings = new Map<string, Binding>();
  /** Patterns of a topic exchange, split once. */
  readonly #words = new Map<Binding, readonly string[]>();
  /** Bindings by key, kept for direct exchanges: there a scan would be the cost of every new key. */
  readonly #byKey = new Map<string, Set<Binding>>();
  readonly #cache = new Map<string, Matches>();

  constructor(spec: ExchangeSpec) {
    this.spec = spec;
  }

  get name(): string {
    return this.spec.name;
  }

  get bindingCount(): number {
    return this.#bindings.size;
  }

  get bindings(): Iterable<Binding> {
    return this.#bindings.values();
  }

  /** Name of the exchange that takes what this one cannot route. */
  get alternate(): string | undefined {
    return textOf(this.spec.args.get('alternate-exchange'));
  }

  /** Answers false when an equal binding was there already. */
  bind(binding: Binding): boolean {
    const identity = identityOf(binding);
    if (this.#bindings.has(identity)) return false;
    this.#bindings.set(identity, binding);
    if (this.spec.type === 'topic') this.#words.set(binding, wordsOf(binding.key));
    const sameKey = this.#byKey.get(binding.key) ?? new Set();
    this.#byKey.set(binding.key, sameKey.add(binding));
    this.#cache.clear();
    return true;
  }

  /** Takes the equal binding out and answers it, or undefined when there was none. */
  unbind(binding: Binding): Binding | undefined {
    const identity = identityOf(binding);
    const known = this.#bindings.get(identity);
    if (known === undefined) return undefined;
    this.#bindings.delete(identity);
    const sameKey = this.#byKey.get(binding.key);
    sameKey?.delete(known);
    if (sameKey?.size === 0) this.#byKey.delete(binding.key);
    this.#words.delete(known);
    this.#cache.clear();
    return known;
  }

  match(key: string, headers: FieldTable | undefined): Matches {
    if (this.#bindings.size === 0) return NO_MATCHES;
    if (this.spec.type === 'headers') return collect(this.#matchingHeaders(headers ?? EMPTY_TABLE));
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached;
    const matches = collect(this.#matchingKey(key));
    if (this.#cache.size >= CACHE_LIMIT) this.#cache.clear();
    this.#cache.set(key, matches);
    return matches;
  }

  #matchingHeaders(headers: FieldTable): Iterable<Binding> {
    return [...this.#bindings.values()].filter(({ args }) => matchesHeaders(args, headers));
  }

  #matchingKey(key: string): Iterable<Binding> {
    if (this.spec.type === 'fanout') return this.#bindings.values();
    if (this.spec.type === 'direct') return this.#byKey.get(key) ?? [];
    const words = wordsOf(key);
    return [...this.#words].flatMap(([binding, pattern]) =>
      matchesTopic(pattern, words) ? [binding] : [],
    );
  }
}

function collect(bindings: Iterable<Binding>): Matches {
  const queues = new Set<Queue>();
  const exchanges = new Set<Exchange>();
  for (const { destination } of bindings) {
    if (destination.kind === 'queue') queues.add(destination);
    else exchanges.add(destination);
  }
  return { queues: [...queues], exchanges: [...exchanges] };
}

/** Two bindings that differ in their arguments only are two bindings. */
function identityOf({ destination, key, args }: Binding): string {
  const suffix = args.size === 0 ? '' : encodeTable(args).toString('latin1');
  return `${destination.kind}\0${destination.name}\0${key}\0${suffix}`;
}
