import path from 'node:path';

import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { openSurroundings, openTestPart } from '../../../test/support/part.ts';
import type { Settings } from '../../config/settings.ts';
import { audit, audited, records, type LogRecord } from '../../contracts/logs.ts';
import { ping, pong } from '../../contracts/participant.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { liveClock } from '../../kernel/live.ts';
import { LOG_LEVELS } from '../../kernel/logger.ts';
import { outgoing } from '../../messaging/bus.ts';
import type { Part } from '../../messaging/part.ts';
import { RpcClient } from '../../messaging/rpc-client.ts';
import { openLogReader } from './reader.ts';
import { startLogging } from './service.ts';

const WITHIN = { timeout: 10_000, interval: 20 };

describe('the logging service', () => {
  let closing: ClosingStack;
  let settings: Settings;
  let file: string;
  let speaker: Part;

  beforeEach(async () => {
    closing = new ClosingStack();
    settings = closing.use(await openSurroundings()).settings;
    file = path.join(settings.dataDir ?? '', 'logs.db');
    speaker = closing.use(await openTestPart({ service: 'payment', settings }));
  });

  afterEach(() => closing[Symbol.asyncDispose]());

  async function start(): Promise<Part> {
    const part = closing.use(await openTestPart({ service: 'logging', settings }));
    closing.use(await startLogging(part));
    return part;
  }

  function stored(services?: readonly string[]): LogRecord[] {
    const reader = openLogReader(file, liveClock);
    try {
      return reader?.read({ limit: 100_000, services }) ?? [];
    } finally {
      reader?.[Symbol.dispose]();
    }
  }

  it('stores what a part says at every level, with its facts', async () => {
    await start();
    const orderId = speaker.ids.uuid();
    for (const level of LOG_LEVELS) speaker.logger.log(level, `a ${level}`, { orderId, n: 1 });
    await vi.waitFor(() => expect(stored(['payment'])).toHaveLength(4), WITHIN);
    for (const each of stored(['payment'])) {
      expect(each).toMatchObject({ message: `a ${each.level}`, orderId, fields: { n: 1 } });
    }
  });

  it('stores a batch once, however often it is delivered', async () => {
    await start();
    const record = { at: 1, level: 'info', service: 'payment', instance: 'p' } as const;
    const batch = ['p-1', 'p-2'].map((id) => ({ ...record, id, message: id }));
    const to = { exchange: speaker.names.logs, routingKey: 'info' };
    for (const id of ['log:1', 'log:1', 'log:2']) {
      await speaker.bus.publish(outgoing(records, { records: batch }, { ...to, id }));
    }
    speaker.logger.log('info', 'the end');
    await vi.waitFor(() => expect(stored(['payment'])).toHaveLength(3), WITHIN);
  });

  it('tells how many entries of the saga log it has, and counts nothing else', async () => {
    await start();
    const [first, second, unknown] = [0, 1, 2].map(() => speaker.ids.uuid());
    const entry = (orderId: string | undefined, seq: number): LogRecord => ({
      id: `saga-${orderId}-${seq}`,
      at: seq,
      level: 'info',
      service: 'mediator',
      instance: 'm',
      message: 'order accepted',
      orderId,
    });
    const said = [entry(first, 1), entry(first, 2), entry(first, 2), entry(second, 1)];
    const other = { ...entry(first, 3), id: 'payment-1-7', service: 'payment' };
    const to = { exchange: speaker.names.logs, routingKey: 'info', id: 'log:1' };
    await speaker.bus.publish(outgoing(records, { records: [...said, other] }, to));
    await vi.waitFor(() => expect(stored(['payment'])).toHaveLength(1), WITHIN);
    await using rpc = await RpcClient.open(speaker);
    const orderIds = [second, unknown, first].filter((each) => each !== undefined);
    const body = { orderIds };
    const question = { service: 'logging', contract: audit, body, answer: audited } as const;
    const { orders } = await rpc.ask({ ...question, withinMs: 5_000 });
    expect(orders).toEqual([
      { orderId: second, entries: 1 },
      { orderId: unknown, entries: 0 },
      { orderId: first, entries: 2 },
    ]);
  });

  it('stores what was said while it was down', async () => {
    speaker.logger.log('warn', 'nobody listens');
    await start();
    await vi.waitFor(() => expect(stored(['payment'])[0]?.message).toBe('nobody listens'), WITHIN);
  });

  it('stores its own life-cycle without a record of each record', async () => {
    const part = await start();
    speaker.logger.log('info', 'one');
    await vi.waitFor(() => expect(stored(['payment'])).toHaveLength(1), WITHIN);
    part.logger.log('info', 'goodbye');
    await vi.waitFor(() => {
      expect(stored(['logging']).map((each) => each.message)).toEqual([
        'logging serves',
        'goodbye',
      ]);
    }, WITHIN);
  });

  it('answers the canary', async () => {
    await start();
    const rpc = closing.use(await RpcClient.open(speaker));
    const request = { service: 'logging', contract: ping, answer: pong, withinMs: 10_000 } as const;
    const answer = await rpc.ask({ ...request, body: { nonce: 'n' } });
    expect(answer).toEqual({ nonce: 'n', service: 'logging' });
  });

  it('keeps what it cannot store, says so once, and stores it when it can', async () => {
    const part = await start();
    await vi.waitFor(() => expect(stored(['logging'])).toHaveLength(1), WITHIN);
    const log = vi.spyOn(part.logger, 'log');
    const saboteur = new Database(file);
    closing.defer(() => saboteur.close());
    saboteur.exec('ALTER TABLE span RENAME TO elsewhere');
    const span = {
      message: 'm',
      messageId: 'i',
      startedAt: 1,
      durationMs: 1,
      attempt: 1,
      redelivered: false,
    };
    for (let n = 0; n < 20; n++) {
      const body = { records: [recordWith(`p-${n}`, span)] };
      const to = { exchange: speaker.names.logs, routingKey: 'info', id: `log:${n}` };
      await speaker.bus.publish(outgoing(records, body, to));
    }
    await vi.waitFor(
      () => expect(log).toHaveBeenCalledWith('warn', expect.any(String), {}),
      WITHIN,
    );
    expect(log).toHaveBeenCalledTimes(1);
    saboteur.exec('ALTER TABLE elsewhere RENAME TO span');
    await vi.waitFor(() => expect(stored(['payment'])).toHaveLength(20), WITHIN);
  });
});

function recordWith(id: string, span: LogRecord['span']): LogRecord {
  return { id, at: 1, level: 'info', service: 'payment', instance: 'p', message: id, span };
}
