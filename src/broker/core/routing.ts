/** From an exchange and routing keys to queues: bindings between exchanges, alternates, one copy per queue. */
import type { Field, FieldTable } from '../codec/field-table.ts';
import { typeNameOf } from '../codec/field-table.ts';
import { ProtocolError } from '../errors.ts';
import type { Exchange } from './exchange.ts';
import type { Queue } from './queue.ts';

/** Where exchanges and queues are found by name. */
export interface Directory {
  findExchange(name: string): Exchange | undefined;
  findQueue(name: string): Queue | undefined;
}

export interface Journey {
  readonly exchange: Exchange;
  /** The routing key first, then those of `CC` and `BCC`. */
  readonly keys: readonly string[];
  readonly headers: FieldTable | undefined;
}

/** Every queue that gets a copy, each once, whatever number of bindings leads there. */
export function route(directory: Directory, journey: Journey): readonly Queue[] {
  const [key = ''] = journey.keys;
  if (journey.keys.length === 1) {
    if (journey.exchange.name === '') return lookup(directory, key);
    const { queues, exchanges } = journey.exchange.match(key, journey.headers);
    // The everyday case ends here, on a cached list.
    if (exchanges.length === 0 && queues.length > 0) return queues;
  }
  return [...walk(directory, journey)];
}

function lookup(directory: Directory, name: string): readonly Queue[] {
  const queue = directory.findQueue(name);
  return queue === undefined ? [] : [queue];
}

function walk(directory: Directory, { exchange: start, keys, headers }: Journey): Set<Queue> {
  const found = new Set<Queue>();
  const seen = new Set<Exchange>([start]);
  // A set iterates over what is added on the way, and adds nothing twice: cycles end by themselves.
  for (const exchange of seen) {
    const before = { queues: found.size, exchanges: seen.size };
    let matched = false;
    for (const key of keys) {
      const matches =
        exchange.name === ''
          ? { queues: lookup(directory, key), exchanges: [] }
          : exchange.match(key, headers);
      matched ||= matches.queues.length + matches.exchanges.length > 0;
      matches.queues.forEach((queue) => found.add(queue));
      matches.exchanges.forEach((next) => seen.add(next));
    }
    matched ||= found.size > before.queues || seen.size > before.exchanges;
    const alternate = matched ? undefined : exchange.alternate;
    const next = alternate === undefined ? undefined : directory.findExchange(alternate);
    if (next !== undefined) seen.add(next);
  }
  return found;
}

/** The further routing keys in the headers `CC` and `BCC`. @throws ProtocolError 406 when one is no list of texts */
export function copyKeys(headers: FieldTable | undefined): readonly string[] {
  if (headers === undefined) return [];
  return ['CC', 'BCC'].flatMap((name) => keysIn(name, headers.get(name)));
}

function keysIn(name: string, field: Field | undefined): readonly string[] {
  if (field === undefined) return [];
  if (field.type !== 'A') throw invalidCopies(name, field);
  return field.value.flatMap((item) => (item.type === 'S' ? [item.value.toString()] : []));
}

function invalidCopies(name: string, field: Field): ProtocolError {
  return new ProtocolError(
    'precondition-failed',
    `invalid message: {unacceptable_type_in_header,"${name}",${typeNameOf(field)}}`,
  );
}
