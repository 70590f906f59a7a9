import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { LogRecord } from '../../contracts/logs.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { liveClock } from '../../kernel/live.ts';
import type { LogLevel } from '../../kernel/logger.ts';
import { openLogReader, type LogReader, type LogSelection } from './reader.ts';
import { CHUNK_ROWS, type LogLimits } from './retention.ts';
import { openLogStore, type LogStore } from './store.ts';

const ALL = { limit: 1_000_000 };
const orderA = '01990000-aaaa-7000-8000-000000000001';
const orderB = '01990000-bbbb-7000-8000-000000000002';

let made = 0;
function recordAt(at: number, rest: Partial<LogRecord> = {}): LogRecord {
  const id = `test-${++made}`;
  return { id, at, level: 'info', service: 'payment', instance: 'p1', message: id, ...rest };
}

describe('the log store', () => {
  let closing: ClosingStack;
  let file: string;
  let store: LogStore;
  let reader: LogReader;

  beforeEach(async () => {
    closing = new ClosingStack();
    const folder = await mkdtemp(path.join(tmpdir(), 'wonderland-logs-'));
    closing.defer(() => rm(folder, { recursive: true, force: true }));
    file = path.join(folder, 'logs.db');
  });

  afterEach(() => closing[Symbol.asyncDispose]());

  function open(limits?: LogLimits): void {
    store = closing.use(openLogStore({ file, clock: liveClock, ...(limits && { limits }) }));
    reader = openReader();
  }

  function openReader(): LogReader {
    const opened = openLogReader(file, liveClock);
    if (opened === undefined) throw new Error('there is no log');
    closing.defer(() => opened[Symbol.dispose]());
    return opened;
  }

  const messages = (selection: Partial<LogSelection> = {}): string[] =>
    reader.read({ ...ALL, ...selection }).map((each) => each.message);

  it('is not there for a reader before anything was logged', () => {
    expect(openLogReader(file, liveClock)).toBeUndefined();
  });

  it('gives records back as they came, oldest first whatever the order of arrival', async () => {
    open();
    const span = {
      message: 'payment.charge',
      messageId: 'm',
      reply: 'payment.charged',
      startedAt: 19,
      durationMs: 1.25,
      attempt: 2,
      redelivered: true,
    };
    const traceId = 'a'.repeat(32);
    const full = recordAt(20, {
      orderId: orderA,
      traceId,
      span,
      fields: { n: 1, deep: { x: [] } },
    });
    const plain = recordAt(10);
    await store.add([full]);
    await store.add([plain]);
    expect(reader.read(ALL)).toEqual([plain, full]);
  });

  it('ignores a record that it has, and keeps the rest of the batch', async () => {
    open();
    const twice = recordAt(1, { message: 'once' });
    await store.add([twice]);
    await store.add([{ ...twice, message: 'again' }, recordAt(2, { message: 'new' })]);
    expect(messages()).toEqual(['once', 'new']);
  });

  it('leaves nothing of a batch whose commit fails', async () => {
    open();
    const failing = store.add([recordAt(1)], () => {
      throw new Error('no commit');
    });
    await expect(failing).rejects.toThrow('no commit');
    expect(messages()).toEqual([]);
  });

  it('can be read after its writer is gone', async () => {
    const writer = openLogStore({ file, clock: liveClock });
    await writer.add([recordAt(1, { message: 'last words' })]);
    await writer[Symbol.asyncDispose]();
    reader = openReader();
    expect(messages()).toEqual(['last words']);
  });

  describe('filtered', () => {
    const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

    beforeEach(async () => {
      open();
      const services = ['mediator', 'payment', 'customer'];
      await store.add(
        services.flatMap((service, s) =>
          levels.map((level, l) =>
            recordAt(100 * s + l, {
              service,
              level,
              message: `${service} ${level}`,
              ...(service === 'payment' && { orderId: orderA, traceId: 'b'.repeat(32) }),
              ...(service === 'customer' && { orderId: orderB, fields: { cat: 'Cheshire' } }),
            }),
          ),
        ),
      );
    });

    it('by the newest N', () => {
      expect(messages({ limit: 2 })).toEqual(['customer warn', 'customer error']);
    });

    it('by one service and by several', () => {
      expect(messages({ services: ['mediator'], limit: 1 })).toEqual(['mediator error']);
      expect(messages({ services: ['mediator', 'customer'], limit: 5 })).toEqual([
        'mediator error',
        ...levels.map((level) => `customer ${level}`),
      ]);
      expect(messages({ services: ['nobody'] })).toEqual([]);
    });

    it('by one instance of a service', async () => {
      const said = (instance: string) =>
        recordAt(1_000, { service: 'logging', instance, message: instance });
      await store.add([said('logging-0a1b2c'), said('logging-2-0a1b2c'), said('logging-3-0a1b2c')]);
      expect(messages({ services: ['logging-1'] })).toEqual(['logging-0a1b2c']);
      expect(messages({ services: ['logging-2'] })).toEqual(['logging-2-0a1b2c']);
      expect(messages({ services: ['logging-2', 'logging-3'] })).toHaveLength(2);
      expect(messages({ services: ['logging'] })).toHaveLength(3);
    });

    it.each(levels)('by level %s and graver', (minLevel) => {
      const expected = levels.slice(levels.indexOf(minLevel)).map((level) => `payment ${level}`);
      expect(messages({ minLevel, services: ['payment'] })).toEqual(expected);
      expect(messages({ minLevel })).toHaveLength(expected.length * 3);
    });

    it('by time, from the first instant on and before the second', () => {
      expect(messages({ since: 101, until: 103 })).toEqual(['payment info', 'payment warn']);
    });

    it('by an order, or how its id begins or ends, in any case', () => {
      expect(messages({ orderId: orderA })).toHaveLength(4);
      expect(messages({ orderId: orderB.slice(0, 13).toUpperCase() })).toHaveLength(4);
      expect(messages({ orderId: '01990000' })).toHaveLength(8);
      expect(messages({ orderId: orderB.slice(-7).toUpperCase() })).toHaveLength(4);
      expect(messages({ orderId: '0199ffff' })).toEqual([]);
    });

    it('by trace', () => {
      expect(messages({ traceId: 'b'.repeat(32) })).toHaveLength(4);
      expect(messages({ traceId: 'c'.repeat(32) })).toEqual([]);
    });

    it('by a pattern on the sentence and the facts, with or without flags', () => {
      expect(messages({ grep: /^pay.*(warn|error)$/ })).toEqual(['payment warn', 'payment error']);
      expect(messages({ grep: /cheshire/i })).toHaveLength(4);
      expect(messages({ grep: /a/g })).toHaveLength(12);
    });

    it('by everything at once', () => {
      expect(
        messages({
          services: ['payment', 'customer'],
          minLevel: 'warn',
          since: 100,
          until: 200,
          grep: /error/,
          orderId: orderA,
          traceId: 'b'.repeat(32),
        }),
      ).toEqual(['payment error']);
    });
  });

  it('gives the spans of an order in the order that handling began', async () => {
    open();
    const spanned = (at: number, startedAt: number, orderId = orderA): LogRecord =>
      recordAt(at, {
        orderId,
        message: `began ${startedAt}`,
        span: {
          message: 'm',
          messageId: 'i',
          startedAt,
          durationMs: 0,
          attempt: 1,
          redelivered: false,
        },
      });
    await store.add([
      spanned(9, 5),
      spanned(8, 7),
      spanned(7, 1, orderB),
      recordAt(6, { orderId: orderA }),
    ]);
    expect(reader.spansOf(orderA).map((each) => each.message)).toEqual(['began 5', 'began 7']);
  });

  it('follows: history first, then what is stored, typically within 200 ms and without a gap', async () => {
    open();
    await store.add([recordAt(1, { message: 'old' }), recordAt(2, { message: 'older' })]);
    const stop = new AbortController();
    const seen: string[] = [];
    const latencies: number[] = [];
    const selection = { limit: 1, services: ['payment'] };
    for await (const record of reader.follow(selection, stop.signal)) {
      seen.push(record.message);
      const storedAt = record.fields?.['storedAt'];
      if (typeof storedAt === 'number') latencies.push(liveClock.elapsed() - storedAt);
      if (record.message === 'third') stop.abort();
      const next = ({ older: 'first', first: 'second', second: 'third' } as const)[record.message];
      const fields = { storedAt: liveClock.elapsed() };
      if (next !== undefined) {
        await store.add([
          recordAt(3, { service: 'mediator' }),
          recordAt(0, { message: next, fields }),
        ]);
      }
    }
    expect(seen).toEqual(['older', 'first', 'second', 'third']);
    expect(latencies).toHaveLength(3);
    expect(latencies.toSorted((a, b) => a - b)[1]).toBeLessThanOrEqual(200);
  });

  it('follows bursts larger than what it takes at once', async () => {
    open();
    const stop = new AbortController();
    const burst = Array.from({ length: 2_500 }, (_, at) => recordAt(at));
    await store.add(burst.slice(0, 500));
    let count = 0;
    for await (const _ of reader.follow({ limit: 500 }, stop.signal)) {
      if (++count === 500) await store.add(burst.slice(500));
      if (count === burst.length) stop.abort();
    }
    expect(count).toBe(2_500);
  });

  it('keeps the newest rows when there are too many', async () => {
    open({ maxRows: 3_000, maxBytes: Number.MAX_SAFE_INTEGER });
    for (let batch = 0; batch < 40; batch++) {
      await store.add(Array.from({ length: 200 }, (_, n) => recordAt(batch * 200 + n)));
    }
    const instants = reader.read(ALL).map((each) => each.at);
    expect(instants.length).toBeLessThanOrEqual(3_000);
    expect(instants.length).toBeGreaterThan(3_000 - CHUNK_ROWS);
    expect(instants.at(-1)).toBe(7_999);
    expect(instants[0]).toBe(8_000 - instants.length);
  });

  it('stays within its bytes, spans included', async () => {
    const maxBytes = 2_000_000;
    open({ maxRows: 1_000_000, maxBytes });
    const span = {
      message: 'm',
      messageId: 'x'.repeat(150),
      startedAt: 0,
      durationMs: 0,
      attempt: 1,
      redelivered: false,
    };
    for (let batch = 0; batch < 100; batch++) {
      await store.add(Array.from({ length: 200 }, (_, n) => recordAt(batch * 200 + n, { span })));
    }
    expect(reader.read({ limit: 1 })[0]?.at).toBe(19_999);
    expect((await stat(file)).size).toBeLessThan(maxBytes * 1.5);
    expect(reader.read(ALL).every((each) => each.span !== undefined)).toBe(true);
  });
});
