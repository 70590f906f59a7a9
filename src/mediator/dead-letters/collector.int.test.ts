import type { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Recorder } from '../../messaging/recorder.ts';
import { dropTestSchemas, TEST_DATABASE_URL } from '../../../test/support/database.ts';
import { openSurroundings, openTestPart, TEST_AMQP_URL } from '../../../test/support/part.ts';
import { startProxy } from '../../../test/support/proxy.ts';
import { partWithoutAcks } from '../../../test/support/part-without-acks.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import type { Bus } from '../../messaging/bus.ts';
import { deadLetterOf, headersOf } from '../../messaging/dead-letter.ts';
import type { Part } from '../../messaging/part.ts';
import { openPostgres, schemaOf } from '../../storage/postgres.ts';
import { MEDIATOR_MIGRATIONS } from '../migrations.ts';
import { DeadLetterCollector } from './collector.ts';
import { DeadLetterDesk } from './desk.ts';
import { recordOf } from './record.ts';
import { DeadLetterStore } from './store.ts';

describe('the collector of dead letters', () => {
  let closing: ClosingStack;
  let part: Part;
  let pool: Pool;
  let store: DeadLetterStore;

  beforeEach(async () => {
    closing = new ClosingStack();
    const { settings } = closing.use(await openSurroundings());
    closing.defer(() => dropTestSchemas(settings, ['mediator']));
    part = closing.use(await openTestPart({ service: 'mediator', settings }));
    pool = await openPostgres({
      url: TEST_DATABASE_URL,
      schema: schemaOf(settings.namespace, 'mediator'),
      migrations: MEDIATOR_MIGRATIONS,
      clock: part.clock,
      client: 'test',
      openWithinMs: 5_000,
    });
    closing.defer(() => pool.end());
    store = new DeadLetterStore(pool);
  });

  afterEach(() => closing[Symbol.asyncDispose]());

  const copyOf = (messageId: string, copy: string) =>
    deadLetterOf(
      {
        exchange: '',
        routingKey: 'x',
        content: Buffer.from('{}'),
        properties: { type: 'test', messageId },
      },
      { reason: 'given-up', detail: 'x', service: 's', queue: 'q', at: 1, copy },
      part.names.deadLetters,
    );

  async function die(messageId: string, copy = 'c1'): Promise<void> {
    expect(await part.bus.forward(copyOf(messageId, copy))).toEqual({ outcome: 'confirmed' });
  }

  const rows = async () => (await store.list({}, 100)).rows;

  /** So many rows; the first was sent again. */
  const fill = (count: number) =>
    pool.query(
      `INSERT INTO dead_letter (id, state, reason, detail, queue, exchange, routing_key, properties,
         content, is_kept, size_bytes, copy, first_at, last_at, retried_at)
       SELECT lpad(to_hex(n), 16, '0'), CASE WHEN n = 1 THEN 'retried' ELSE 'dead' END, 'other', '',
         'q', '', '', '{}', '', true, 0, '', 0, 0, 0 FROM generate_series(1, $1::int) AS n`,
      [count],
    );

  it('stores a letter once, though it crashed between the row and the ack', async () => {
    const doomed = new DeadLetterCollector(partWithoutAcks(part), store);
    await doomed.start();
    await die('m1');
    await expect.poll(rows).toMatchObject([{ message_id: 'm1', times: 1 }]);
    await doomed[Symbol.asyncDispose]();
    await part.bus[Symbol.asyncDispose]();
    part = closing.use(await openTestPart({ service: 'mediator', settings: part.settings }));
    const save = vi.spyOn(store, 'save');
    await closing.use(new DeadLetterCollector(part, store)).start();
    await expect.poll(() => save.mock.calls.length).toBe(1);
    await die('m2');
    await expect.poll(async () => (await rows()).length).toBe(2);
    expect((await rows()).map((each) => each.times)).toEqual([1, 1]);
  });

  it('writes down for its run what the broker gave up; what a part gave up, the part has', async () => {
    const record = vi.fn<Recorder['record']>();
    const recorder = { record, [Symbol.dispose]: () => undefined };
    await closing.use(new DeadLetterCollector({ ...part, recorder }, store)).start();
    const death = {
      reason: 'delivery_limit',
      queue: 'payment.commands',
      exchange: '',
      count: 1,
      'routing-keys': ['payment'],
    };
    const letter = (messageId: string, headers: object) => ({
      exchange: part.names.deadLetters,
      routingKey: 'payment.commands',
      content: Buffer.from('{}'),
      properties: { type: 'payment.charge', messageId, headers },
    });
    const run = 'x-1a2b3c/o1';
    await part.bus.forward(letter('m1', { 'x-death': [death] }));
    await part.bus.forward(letter('m2', { 'x-death': [death], run }));
    const given = copyOf('m3', 'c1');
    await part.bus.forward({
      ...given,
      properties: { ...given.properties, headers: { ...headersOf(given), run } },
    });
    await expect.poll(async () => (await rows()).length).toBe(3);
    expect(record.mock.calls).toEqual([
      [
        {
          kind: 'dead-lettered',
          run,
          message: 'payment.charge',
          messageId: 'm2',
          reason: 'delivery-limit',
          detail: expect.stringContaining('parts went while they had it in hand'),
        },
      ],
    ]);
  });

  it('leaves letters in the broker while the database does not take them', async () => {
    const save = vi.spyOn(store, 'save').mockRejectedValue(new Error('no space left on device'));
    await closing.use(new DeadLetterCollector(part, store)).start();
    await die('m1');
    await expect.poll(() => save.mock.calls.length).toBeGreaterThan(2);
    expect(await rows()).toEqual([]);
    save.mockRestore();
    await expect.poll(rows).toMatchObject([{ message_id: 'm1' }]);
  });

  it('throws nothing away when as many are kept as may be, except what was sent again', async () => {
    await fill(10_000);
    await closing.use(new DeadLetterCollector(part, store)).start();
    await die('m1');
    await expect.poll(async () => (await store.list({ type: 'test' }, 9)).total).toBe(1);
    await die('m2');
    const log = vi.spyOn(part.logger, 'log');
    await expect
      .poll(() => log.mock.calls.map(([, text]) => text))
      .toContainEqual(expect.stringContaining('No more dead letters can be kept'));
    const { rows: some } = await store.list({ ids: ['0000000000000002'] }, 1);
    await store.drop(some);
    await expect.poll(async () => (await store.list({ type: 'test' }, 9)).total).toBe(2);
  });

  it('counts what is kept now and then only, and stops at the limit all the same', async () => {
    await fill(9_900);
    const query = vi.spyOn(pool, 'query');
    const counts = () => query.mock.calls.filter(([text]) => text.includes('count(*)')).length;
    const save = (n: number) => store.save(recordOf(copyOf(`m${n}`, 'c1'), 0));
    for (let n = 1; n <= 100; n++) await save(n);
    expect(counts()).toBe(1);
    // Only what was sent again makes room.
    await save(101);
    await expect(save(102)).rejects.toMatchObject({ code: 'overloaded' });
    expect((await store.list({}, 1)).total).toBe(10_000);
  });

  it('does not call a letter retried that died again while it was being sent', async () => {
    await store.save(recordOf(copyOf('m1', 'c1'), 0));
    const diesAtOnce: Pick<Bus, 'forward'> = {
      forward: async () => {
        await store.save(recordOf(copyOf('m1', 'c2'), 0));
        return { outcome: 'confirmed' };
      },
    };
    const desk = new DeadLetterDesk({ ...part, bus: { ...part.bus, ...diesAtOnce } }, store);
    await desk.retry({ all: true, dryRun: false });
    expect(await rows()).toMatchObject([{ state: 'dead', times: 2, retries: 1 }]);
  });

  it('leaves a letter dead that the broker did not take', async () => {
    await store.save(recordOf(copyOf('m1', 'c1'), 0));
    const desk = new DeadLetterDesk(part, store);
    const outcome = await desk.retry({ all: true, dryRun: false });
    expect(outcome).toMatchObject({ done: [], failed: [{ problem: 'no queue takes it' }] });
    expect(await rows()).toMatchObject([{ state: 'dead', retries: 0 }]);
  });

  it('waits for a broker that is away once, and leaves the letters that it did not try', async () => {
    const broker = new URL(TEST_AMQP_URL);
    const proxy = closing.use(await startProxy(Number(broker.port || 5672)));
    broker.port = `${proxy.port}`;
    const settings = { ...part.settings, amqpUrl: broker.href };
    const away = closing.use(await openTestPart({ service: 'mediator', settings }));
    for (const id of ['m1', 'm2', 'm3']) await store.save(recordOf(copyOf(id, 'c1'), 0));
    await proxy[Symbol.asyncDispose]();
    await expect.poll(() => away.bus.isConnected()).toBe(false);
    const outcome = await new DeadLetterDesk(away, store).retry({ all: true, dryRun: false });
    expect(outcome).toMatchObject({ done: [], failed: [{ id: expect.any(String) }], left: 2 });
    expect((await rows()).map((each) => [each.state, each.retries])).toEqual(
      Array.from({ length: 3 }, () => ['dead', 0]),
    );
  }, 20_000);
});
