import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { LogRecord } from '../../contracts/logs.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { liveClock } from '../../kernel/live.ts';
import { openLogReader } from './reader.ts';
import type { LogLimits } from './retention.ts';
import { openLogStore, type LogStore } from './store.ts';

let made = 0;

function recordAt(at: number, rest: Partial<LogRecord> = {}): LogRecord {
  const id = `saga-${++made}`;
  return { id, at, level: 'info', service: 'mediator', instance: 'm', message: id, ...rest };
}

describe('the log store that takes in the saga log', () => {
  let closing: ClosingStack;
  let file: string;
  let store: LogStore;

  beforeEach(async () => {
    closing = new ClosingStack();
    const folder = await mkdtemp(path.join(tmpdir(), 'wonderland-logs-'));
    closing.defer(() => rm(folder, { recursive: true, force: true }));
    file = path.join(folder, 'logs.db');
  });

  afterEach(() => closing[Symbol.asyncDispose]());

  function open(limits?: LogLimits): void {
    store = closing.use(openLogStore({ file, clock: liveClock, ...(limits && { limits }) }));
  }

  function messages(): string[] {
    const reader = openLogReader(file, liveClock);
    try {
      return reader?.read({ limit: 100_000 }).map((each) => each.message) ?? [];
    } finally {
      reader?.[Symbol.dispose]();
    }
  }

  const ship = (records: readonly LogRecord[], after: string | null, next: string) =>
    store.ship({ records, after, next });

  it('stores what was read and how far, together', async () => {
    open();
    expect(await store.shippedTo()).toBeNull();
    expect(await ship([recordAt(1, { message: 'first' })], null, 'one')).toBe(true);
    expect(await store.shippedTo()).toBe('one');
    const failing = store.ship({
      records: [recordAt(2), { ...recordAt(3), at: undefined as never }],
      after: 'one',
      next: 'two',
    });
    await expect(failing).rejects.toThrow('NOT NULL');
    expect(await store.shippedTo()).toBe('one');
    expect(messages()).toEqual(['first']);
  });

  it('takes nothing from a reader who stands elsewhere', async () => {
    open();
    await ship([recordAt(1, { message: 'first' })], null, 'one');
    expect(await ship([recordAt(2, { message: 'late' })], null, 'other')).toBe(false);
    expect(await store.shippedTo()).toBe('one');
    expect(messages()).toEqual(['first']);
  });

  it('does not bring back what was rotated away when all is read again', async () => {
    open({ maxRows: 3_000, maxBytes: Number.MAX_SAFE_INTEGER });
    const all = Array.from({ length: 4_000 }, (_, at) => recordAt(at));
    for (let from = 0; from < all.length; from += 200) {
      await ship(all.slice(from, from + 200), await store.shippedTo(), `to ${from}`);
    }
    const kept = messages();
    expect(kept).toHaveLength(2_000);
    await ship(all, await store.shippedTo(), 'again');
    expect(messages()).toEqual(kept);
  });

  it('takes what is older than all it has, as long as nothing was rotated away', async () => {
    open();
    await store.add([recordAt(100, { message: 'live' })]);
    await ship([recordAt(1, { message: 'long ago' })], null, 'one');
    expect(messages()).toEqual(['long ago', 'live']);
  });
});
