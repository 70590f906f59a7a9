import { Writable } from 'node:stream';

import { describe, expect, it, vi } from 'vitest';

import { records, type LogRecord } from '../contracts/logs.ts';
import { liveClock, liveIds } from '../kernel/live.ts';
import { BusLogger } from './bus-logger.ts';
import type { Bus, OutgoingMessage, PublishOutcome } from './bus.ts';
import { namesOf } from './topology.ts';
import { MAX_BODY_BYTES } from './wire.ts';

const CONFIRMED: PublishOutcome = { outcome: 'confirmed' };
const REFUSED: PublishOutcome = { outcome: 'refused', reason: 'not connected' };

/** A logger and what it published; the broker is there or away. */
function open() {
  const published: OutgoingMessage[] = [];
  const broker = { isThere: true };
  const bus: Pick<Bus, 'publish'> = {
    publish: async (message) => {
      if (!broker.isThere) return REFUSED;
      published.push(message);
      return CONFIRMED;
    },
  };
  const logger = new BusLogger({
    service: 'payment',
    instance: 'payment-1',
    names: namesOf(''),
    clock: liveClock,
    ids: liveIds,
    output: new Writable({ write: (_chunk, _encoding, done) => done() }),
    level: 'debug',
  });
  const said = (): LogRecord[] => published.flatMap(({ body }) => records.body.parse(body).records);
  return { logger, broker, published, said, connect: () => logger.connect(bus as Bus) };
}

describe('the logger of a part', () => {
  it('keeps what it says without a broker, and says it when there is one', async () => {
    const { logger, broker, said, connect } = open();
    broker.isThere = false;
    connect();
    for (let n = 0; n < 300; n++) logger.log('info', `${n}`);
    broker.isThere = true;
    await vi.waitFor(() => expect(said()).toHaveLength(300));
    expect(said().map((each) => each.message)).toEqual(
      Array.from({ length: 300 }, (_, n) => `${n}`),
    );
  });

  it('keeps the newest records of each level when there are too many, and says once how many went', async () => {
    const { logger, broker, said, connect } = open();
    broker.isThere = false;
    connect();
    logger.log('error', 'rare');
    for (let n = 0; n < 25_000; n++) logger.log('info', `${n}`);
    broker.isThere = true;
    await vi.waitFor(() => expect(said().at(-1)?.level).toBe('warn'));
    const info = said().filter((each) => each.level === 'info');
    expect(info.length).toBeLessThanOrEqual(20_200);
    expect(info.at(-1)?.message).toBe('24999');
    expect(said().filter((each) => each.level === 'error')).toHaveLength(1);
    const complaints = said().filter((each) => each.level === 'warn');
    expect(complaints.map((each) => each.message)).toEqual([
      `${25_000 - info.length} log records were dropped`,
    ]);
  });

  it('says what does not fit a record as well as it can, and its neighbours as they are', async () => {
    const { logger, said, connect } = open();
    connect();
    logger.log('warn', 'before', { orderId: liveIds.uuid() });
    logger.log('warn', 'strange', { orderId: 'nobody', traceId: 'none', span: { deep: 1 }, n: 1 });
    logger.log('warn', 'after', { n: 2 });
    await vi.waitFor(() => expect(said()).toHaveLength(3));
    expect(said().map((each) => each.message)).toEqual(['before', 'strange', 'after']);
    expect(said()[1]?.fields).toMatchObject({ orderId: 'nobody', n: 1 });
    expect(said()[0]?.orderId).toBeDefined();
  });

  it('never makes a message that is too large to be taken', async () => {
    const { logger, said, published, connect } = open();
    connect();
    for (let n = 0; n < 200; n++) {
      logger.log('info', '↯'.repeat(5_000), { cause: '↯'.repeat(50_000), n });
    }
    await vi.waitFor(() => expect(said()).toHaveLength(200));
    for (const { body } of published) {
      expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(MAX_BODY_BYTES);
    }
  });
});
