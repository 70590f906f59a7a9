import { describe, expect, test } from 'vitest';

import { EMPTY_TABLE, tableOf, textField, type FieldTable } from '../codec/field-table.ts';
import { Exchange, type ExchangeType } from './exchange.ts';
import { matchesHeaders } from './headers-match.ts';
import { Queue, type QueueHost } from './queue.ts';
import { route, type Directory } from './routing.ts';
import { matchesTopic, wordsOf } from './topic-pattern.ts';

describe('topic patterns', () => {
  test.each([
    ['#', ['', 'a', 'a.b'], '111'],
    ['*', ['', 'a', 'a.b'], '010'],
    ['a.#', ['a', 'a.b', 'a.b.c', 'b'], '1110'],
    ['a.*', ['a', 'a.b', 'a.b.c', 'a.'], '0101'],
    ['#.b', ['b', 'a.b', 'a.a.b', 'a'], '1110'],
    ['a.#.b', ['a.b', 'a.c.b', 'a.c.d.b', 'a.c'], '1110'],
    ['*.#', ['', 'a', 'a.b'], '011'],
    ['#.*', ['', 'a'], '01'],
    ['a.*.#.b', ['a.b', 'a.x.b', 'a.x.y.b'], '011'],
    ['a..b', ['a..b', 'a.b'], '10'],
    ['#.#', ['', 'a', 'a.b'], '111'],
    ['', ['', 'a'], '10'],
  ])('%j on %j', (pattern, keys, answer) => {
    const seen = keys.map((key) => (matchesTopic(wordsOf(pattern), wordsOf(key)) ? '1' : '0'));
    expect(seen.join('')).toBe(answer);
  });
});

describe('headers', () => {
  const one = { type: 'I', value: 1 } as const;
  test.each([
    [{ 'x-match': textField('all'), a: one, b: textField('z') }, '1000'],
    [{ 'x-match': textField('any'), a: one, b: textField('z') }, '1100'],
    [{ a: one }, '1100'],
    [{ 'x-match': textField('all') }, '1111'],
    [{ 'x-match': textField('any') }, '0000'],
    [{ 'x-match': textField('all'), 'x-k': one }, '1111'],
    [{ 'x-match': textField('all-with-x'), 'x-k': one }, '0001'],
    [{ 'x-match': textField('all'), a: { type: 'V', value: null } as const }, '1100'],
  ])('a binding with %j', (binding, answer) => {
    const messages = [{ a: one, b: textField('z') }, { a: one }, {}, { 'x-k': one }];
    const seen = messages.map((fields) =>
      matchesHeaders(tableOf(binding), tableOf(fields)) ? '1' : '0',
    );
    expect(seen.join('')).toBe(answer);
  });

  test('numbers are equal whatever their width', () => {
    const wide = tableOf({ a: { type: 'l', value: 1n } });
    expect(matchesHeaders(tableOf({ a: one }), wide)).toBe(true);
  });
});

class Fixture implements Directory {
  readonly #exchanges = new Map<string, Exchange>();
  readonly #queues = new Map<string, Queue>();

  findExchange(name: string): Exchange | undefined {
    return this.#exchanges.get(name);
  }

  findQueue(name: string): Queue | undefined {
    return this.#queues.get(name);
  }

  exchange(name: string, type: ExchangeType = 'direct', args: FieldTable = EMPTY_TABLE): Exchange {
    const spec = { name, type, durable: false, autoDelete: false, internal: false, args };
    const exchange = new Exchange(spec);
    this.#exchanges.set(name, exchange);
    return exchange;
  }

  queue(name: string): Queue {
    const spec = { name, durable: false, autoDelete: false, owner: undefined, args: EMPTY_TABLE };
    const queue = new Queue(spec, 0, {} as QueueHost);
    this.#queues.set(name, queue);
    return queue;
  }

  names(exchange: Exchange, ...keys: string[]): string[] {
    return route(this, { exchange, keys, headers: undefined }).map(({ name }) => name);
  }
}

const bind = (source: Exchange, destination: Queue | Exchange, key = ''): void =>
  void source.bind({ source, destination, key, args: EMPTY_TABLE });

describe('routing', () => {
  test('the default exchange knows queues by their names', () => {
    const fixture = new Fixture();
    fixture.queue('q');
    expect(fixture.names(fixture.exchange(''), 'q', 'missing')).toEqual(['q']);
  });

  test('each queue gets one copy, whatever number of bindings and keys lead to it', () => {
    const fixture = new Fixture();
    const exchange = fixture.exchange('x', 'topic');
    const queue = fixture.queue('q');
    for (const key of ['#', 'a.*', 'a.b']) bind(exchange, queue, key);
    expect(fixture.names(exchange, 'a.b', 'a.c')).toEqual(['q']);
  });

  test('cycles of exchanges end', () => {
    const fixture = new Fixture();
    const [left, right] = [fixture.exchange('l', 'fanout'), fixture.exchange('r', 'fanout')];
    bind(left, right);
    bind(right, left);
    bind(right, fixture.queue('q'));
    expect(fixture.names(left, 'k')).toEqual(['q']);
  });

  test('an alternate exchange is asked only when nothing matched', () => {
    const fixture = new Fixture();
    const alternate = tableOf({ 'alternate-exchange': textField('spare') });
    const exchange = fixture.exchange('x', 'direct', alternate);
    bind(fixture.exchange('spare', 'fanout'), fixture.queue('rest'));
    bind(exchange, fixture.queue('q'), 'k');
    expect(fixture.names(exchange, 'k')).toEqual(['q']);
    expect(fixture.names(exchange, 'other')).toEqual(['rest']);
  });

  test('a remembered key is forgotten when bindings change', () => {
    const fixture = new Fixture();
    const exchange = fixture.exchange('x', 'topic');
    const [first, second] = [fixture.queue('first'), fixture.queue('second')];
    bind(exchange, first, 'a.#');
    expect(fixture.names(exchange, 'a.b')).toEqual(['first']);
    bind(exchange, second, '*.b');
    expect(fixture.names(exchange, 'a.b')).toEqual(['first', 'second']);
    exchange.unbind({ source: exchange, destination: first, key: 'a.#', args: EMPTY_TABLE });
    expect(fixture.names(exchange, 'a.b')).toEqual(['second']);
  });
});
