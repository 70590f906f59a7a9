/** What happens to a message when it dies in a queue: its `x-death` history, and where it may not go again. */
import {
  EMPTY_TABLE,
  integerOf,
  textField,
  textOf,
  type Field,
  type FieldTable,
} from '../codec/field-table.ts';
import { encodeHeader } from '../codec/properties.ts';
import { encodeAddress, Message } from './message.ts';
import type { DeathReason } from './queue.ts';
import { copyKeys } from './routing.ts';

export interface Death {
  readonly queue: string;
  readonly reason: DeathReason;
  /** Wall clock, ms. */
  readonly at: number;
  /** The dead-letter exchange. */
  readonly exchange: string;
  /** Replaces the message's own routing key, and then its CC keys too. */
  readonly routingKey: string | undefined;
}

/** The message as the dead-letter exchange gets it: without expiration, with one more death. */
export function deadLetterOf(message: Message, death: Death): Message {
  const { expiration, ...properties } = message.properties;
  const event = eventOf(message, death, expiration);
  const headers = new Map(addDeath(message.headers ?? EMPTY_TABLE, event));
  if (death.routingKey !== undefined) headers.delete('CC');
  const routingKey = death.routingKey ?? message.routingKey;
  return new Message({
    exchange: death.exchange,
    routingKey,
    address: encodeAddress(death.exchange, routingKey),
    header: encodeHeader({ ...properties, headers }, message.body.length),
    body: message.body,
  });
}

/** Has this queue lost the message before, with no consumer's rejection since? Then it would go round for ever. */
export function isAutomaticCycle(message: Message, queue: string): boolean {
  const deaths = deathsOf(message.headers ?? EMPTY_TABLE);
  const at = deaths.findIndex((death) => textOf(death.get('queue')) === queue);
  if (at < 0) return false;
  return deaths.slice(0, at + 1).every((death) => textOf(death.get('reason')) !== 'rejected');
}

function deathsOf(headers: FieldTable): readonly FieldTable[] {
  const field = headers.get('x-death');
  if (field?.type !== 'A') return [];
  return field.value.flatMap((item) => (item.type === 'F' ? [item.value] : []));
}

function eventOf(message: Message, death: Death, expiration: string | undefined): FieldTable {
  const keys = [message.routingKey, ...copyKeys(message.headers)];
  const event = new Map<string, Field>([
    ['count', { type: 'l', value: 1n }],
    ['reason', textField(death.reason)],
    ['queue', textField(death.queue)],
    ['time', { type: 'T', value: BigInt(Math.floor(death.at / 1_000)) }],
    ['exchange', textField(message.exchange)],
    ['routing-keys', { type: 'A', value: keys.map(textField) }],
  ]);
  return expiration === undefined ? event : event.set('original-expiration', textField(expiration));
}

/** Newest death first; a second death of the same kind in the same queue raises its count instead. */
function addDeath(headers: FieldTable, event: FieldTable): FieldTable {
  const earlier = deathsOf(headers);
  const same = earlier.find((death) => isSameKind(death, event));
  const others = earlier.filter((death) => !isSameKind(death, event));
  const latest = same === undefined ? event : sorted(counted(same));
  const deaths: Field = {
    type: 'A',
    value: [latest, ...others].map((value) => ({ type: 'F', value })),
  };
  const first = headers.has('x-death') ? [] : firstDeath(event);
  return sorted(new Map([...headers, ...first, ['x-death', deaths]]));
}

function firstDeath(event: FieldTable): [string, Field][] {
  return ['reason', 'queue', 'exchange'].map((name) => [
    `x-first-death-${name}`,
    event.get(name) as Field,
  ]);
}

function isSameKind(left: FieldTable, right: FieldTable): boolean {
  return ['queue', 'reason'].every((name) => textOf(left.get(name)) === textOf(right.get(name)));
}

function counted(death: FieldTable): FieldTable {
  const count = BigInt(integerOf(death.get('count')) ?? 0);
  return new Map([...death, ['count', { type: 'l', value: count + 1n }]]);
}

/** RabbitMQ sorts a table by name whenever it sets a field. */
function sorted(table: FieldTable): FieldTable {
  return new Map([...table].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
