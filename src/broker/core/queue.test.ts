import { describe, expect, test } from 'vitest';

import type { Clock } from '../../kernel/clock.ts';
import { liveRandom } from '../../kernel/live.ts';
import { seededRandom } from '../../kernel/random.ts';
import { tableOf, textField, type Field } from '../codec/field-table.ts';
import { encodeHeader } from '../codec/properties.ts';
import { EntryDeque } from './entry-deque.ts';
import type { QueueEntry } from './entry.ts';
import { encodeAddress, Message } from './message.ts';
import { Queue, type QueueConsumer, type QueueHost } from './queue.ts';

/** A clock that the test moves. */
class ManualClock implements Clock {
  #now = 0;
  #timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): { cancel: () => void } {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return { cancel: () => void (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }

  sleep(): Promise<void> {
    return Promise.resolve();
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { callback } of due) callback();
  }
}

class RecordingHost implements QueueHost {
  readonly vhost = '/';
  readonly clock = new ManualClock();
  readonly deaths: string[] = [];
  readonly settledBodies: string[] = [];
  takesDeadLetters = true;
  isUnused = false;

  stored(): void {}
  changed(): void {}

  settled({ message }: QueueEntry): void {
    this.settledBodies.push(message.body.toString());
  }

  deadLetter(_queue: Queue, { body }: Message, reason: string): boolean {
    if (this.takesDeadLetters) this.deaths.push(`${body.toString()} ${reason}`);
    return this.takesDeadLetters;
  }

  unused(): void {
    this.isUnused = true;
  }
}

class Reader implements QueueConsumer {
  readonly isExclusive = false;
  readonly entries: QueueEntry[] = [];
  room: number;
  isTold = false;

  constructor(room = Infinity) {
    this.room = room;
  }

  get isReady(): boolean {
    return this.entries.length < this.room;
  }

  get bodies(): string {
    return this.entries.map(({ message }) => message.body.toString()).join('');
  }

  deliver(entry: QueueEntry): void {
    this.entries.push(entry);
  }

  queueDeleted(): void {
    this.isTold = true;
  }
}

function messageOf(body: string): Message {
  const bytes = Buffer.from(body);
  const address = encodeAddress('', 'q');
  const header = encodeHeader({}, bytes.length);
  return new Message({ address, exchange: '', routingKey: 'q', header, body: bytes });
}

function queueWith(fields: Record<string, Field> = {}, autoDelete = false): [Queue, RecordingHost] {
  const host = new RecordingHost();
  const spec = { name: 'q', durable: true, autoDelete, owner: undefined, args: tableOf(fields) };
  return [new Queue(spec, 1, host), host];
}

const fill = (queue: Queue, bodies: string): void => {
  for (const body of bodies) queue.offer(messageOf(body));
};
const drain = (queue: Queue): string => {
  let seen = '';
  for (let entry = queue.get(); entry !== undefined; entry = queue.get()) {
    seen += entry.message.body.toString();
  }
  return seen;
};
const int = (value: number): Field => ({ type: 'I', value });

describe('a queue', () => {
  test('serves consumers in turn, as far as each has room', () => {
    const [queue] = queueWith();
    const [first, second] = [new Reader(2), new Reader()];
    queue.addConsumer(first);
    queue.addConsumer(second);
    fill(queue, 'abcdef');
    expect([first.bodies, second.bodies]).toEqual(['ac', 'bdef']);
    expect(queue.unackedCount).toBe(6);
  });

  test('puts returned entries back to their old places, marked', () => {
    const [queue] = queueWith();
    fill(queue, 'abcde');
    const taken = [queue.get(), queue.get(), queue.get()].filter((entry) => entry !== undefined);
    queue.requeue(taken.slice(2));
    queue.requeue(taken.slice(0, 2).toReversed());
    expect(taken.map(({ redelivered }) => redelivered)).toEqual([true, true, true]);
    expect(drain(queue)).toBe('abcde');
  });

  test('drops the oldest when it is full, or refuses the newest', () => {
    const [dropping, host] = queueWith({ 'x-max-length': int(2) });
    fill(dropping, 'abcd');
    expect(host.deaths).toEqual(['a maxlen', 'b maxlen']);
    const refusal = { 'x-max-length': int(2), 'x-overflow': textField('reject-publish') };
    const [refusing] = queueWith(refusal);
    expect(['a', 'b', 'c'].map((body) => refusing.offer(messageOf(body)))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('lets messages die at the head only', () => {
    const [queue, host] = queueWith();
    queue.offer(messageOf('a'), 100);
    queue.offer(messageOf('b'), 10);
    host.clock.advance(50);
    expect(queue.readyCount).toBe(2);
    host.clock.advance(50);
    expect(host.deaths).toEqual(['a expired', 'b expired']);
  });

  test('gives an expiration of zero to a waiting consumer, or to nobody', () => {
    const [queue, host] = queueWith();
    const reader = new Reader(1);
    queue.addConsumer(reader);
    queue.offer(messageOf('a'), 0);
    queue.offer(messageOf('b'), 0);
    expect(queue.readyCount).toBe(0);
    expect(reader.bodies).toBe('a');
    expect(host.deaths).toEqual(['b expired']);
  });

  test('buries what came back more often than a quorum queue allows', () => {
    const args = { 'x-queue-type': textField('quorum'), 'x-delivery-limit': int(2) };
    const [queue, host] = queueWith(args);
    fill(queue, 'a');
    const counts: number[] = [];
    for (let entry = queue.get(); entry !== undefined; entry = queue.get()) {
      counts.push(entry.deliveryCount);
      queue.requeue([entry]);
    }
    expect(counts).toEqual([0, 1, 2]);
    expect(host.deaths).toEqual(['a delivery_limit']);
  });

  test('keeps a dead letter that nobody takes, and tries again', () => {
    const [queue, host] = queueWith();
    host.takesDeadLetters = false;
    fill(queue, 'a');
    queue.reject(queue.get() as QueueEntry);
    expect([queue.unackedCount, host.settledBodies]).toEqual([1, []]);
    host.takesDeadLetters = true;
    host.clock.advance(1_000);
    expect([queue.unackedCount, host.settledBodies]).toEqual([0, ['a']]);
  });

  test('says when its last consumer has left, if it is auto-delete', () => {
    const [queue, host] = queueWith({}, true);
    const [first, second] = [new Reader(), new Reader()];
    queue.addConsumer(first);
    queue.addConsumer(second);
    queue.removeConsumer(first);
    expect(host.isUnused).toBe(false);
    queue.removeConsumer(second);
    expect(host.isUnused).toBe(true);
  });

  test('that is deleted tells its consumers and drops what comes back later', () => {
    const [queue, host] = queueWith();
    const reader = new Reader(1);
    queue.addConsumer(reader);
    fill(queue, 'ab');
    expect(queue.delete()).toBe(1);
    expect(reader.isTold).toBe(true);
    queue.requeue(reader.entries);
    expect([queue.readyCount, host.settledBodies]).toEqual([0, ['b', 'a']]);
  });
});

describe('the ring of entries', () => {
  const seed = liveRandom.integer(1, 1_000_000);

  test(`keeps the order of sequence numbers through any mix of moves (seed ${seed})`, () => {
    const random = seededRandom(seed);
    const deque = new EntryDeque();
    const model: number[] = [];
    const taken: number[] = [];
    const entryOf = (seq: number): QueueEntry => ({ seq }) as QueueEntry;
    const moves = [
      (next: number): void => {
        deque.push(entryOf(next));
        model.push(next);
      },
      (): void => {
        deque.shift();
        taken.push(...model.splice(0, 1));
      },
      (): void => {
        const [seq] = taken.splice(random.integer(0, taken.length - 1), 1);
        if (seq === undefined) return;
        deque.insert(entryOf(seq));
        model.push(seq);
        model.sort((left, right) => left - right);
      },
    ];
    for (let step = 1; step < 500; step++) {
      moves[random.integer(0, 2)]?.(step);
      expect([deque.length, deque.first()?.seq]).toEqual([model.length, model[0]]);
    }
  });
});
