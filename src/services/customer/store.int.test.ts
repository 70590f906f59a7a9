import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { dropTestSchemas, TEST_DATABASE_URL } from '../../../test/support/database.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { liveClock, liveIds } from '../../kernel/live.ts';
import { readSettings } from '../../config/settings.ts';
import { openCustomerStore, type CustomerStore } from './store.ts';
import type { CustomerTx, RecordedOrder } from './transaction.ts';

function orderOf(customerId: string): RecordedOrder {
  const line = { bookId: 1, quantity: 1, title: 'A', unitPriceCents: 100 };
  const orderId = randomUUID();
  return { orderId, customerId, lines: [line], totalCents: 100, currency: 'EUR', recordedAt: 1 };
}

const answer = { type: 'x', version: 1, body: { nested: ['kept'] } };

describe('the customer store', () => {
  let closing: ClosingStack;
  let store: CustomerStore;
  const settings = { ...readSettings({}), namespace: `t${liveIds.hex(8)}` };
  const options = { url: TEST_DATABASE_URL, namespace: settings.namespace, clock: liveClock };

  beforeEach(async () => {
    closing = new ClosingStack();
    closing.defer(() => dropTestSchemas(settings, ['customer']));
    store = closing.use(await openCustomerStore(options));
  });

  afterEach(() => closing[Symbol.asyncDispose]());

  const countOf = (customerId: string): Promise<number> =>
    store.transact(async (tx) => (await tx.historyOf(customerId, 10)).orderCount);

  const recordAnd = (order: RecordedOrder, then: (tx: CustomerTx) => Promise<void>) =>
    store.transact(async (tx) => {
      tx.recordOrder(order);
      await then(tx);
    });

  it('leaves nothing of a work that failed, and all of its neighbours in the same group', async () => {
    const works = [
      recordAnd(orderOf('good'), async () => undefined),
      recordAnd(orderOf('bad'), () => Promise.reject(new Error('no'))),
      recordAnd(orderOf('good'), async () => undefined),
    ];
    const settled = await Promise.allSettled(works);
    expect(settled.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await countOf('good')).toBe(2);
    expect(await countOf('bad')).toBe(0);
  });

  it('leaves nothing when the commit itself fails', async () => {
    const order = orderOf('late');
    const failing = store.transact(
      async (tx) => {
        tx.recordOrder(order);
        await tx.saveReply('m1', order.orderId, answer);
      },
      () => {
        throw new Error('before the commit');
      },
    );
    await expect(failing).rejects.toThrow('before the commit');
    expect(await countOf('late')).toBe(0);
    expect(await store.transact((tx) => tx.findReply('m1'))).toBeUndefined();
  });

  it('does not let an order stand that is recorded and cancelled in one group, in either order', async () => {
    const [first, second] = [orderOf('alice'), orderOf('alice')];
    const record = (order: RecordedOrder) => recordAnd(order, async () => undefined);
    const cancel = (order: RecordedOrder) =>
      store.transact((tx) => Promise.resolve(tx.cancelOrder(order.orderId, 2)));
    await Promise.all([record(first), cancel(first), cancel(second), record(second)]);
    const ids = [first.orderId, second.orderId];
    expect(await store.transact((tx) => tx.countRecords(ids))).toEqual([]);
    const { orders } = await store.transact((tx) => tx.historyOf('alice', 10));
    expect(orders).toMatchObject([{ cancelledAt: 2 }, { cancelledAt: 2 }]);
  });

  it('finds a reply inside the same transaction and after the commit', async () => {
    const inside = await store.transact(async (tx) => {
      await tx.saveReply('m2', 's2', answer);
      return tx.findReply('m2');
    });
    expect(inside).toEqual(answer);
    expect(await store.transact((tx) => tx.findReply('m2'))).toEqual(answer);
  });

  it('is migrated and filled once, and kept when it is opened again', async () => {
    await recordAnd(orderOf('alice'), async () => undefined);
    const again = closing.use(await openCustomerStore(options));
    const { total } = await again.transact((tx) => tx.listProfiles({ limit: 1, offset: 0 }));
    expect(total).toBe(15);
    expect(await countOf('alice')).toBe(1);
  });

  it('refuses a schema that a newer program wrote', async () => {
    await closing[Symbol.asyncDispose]();
    closing.defer(() => dropTestSchemas(settings, ['customer']));
    const older = await openCustomerStore(options);
    await older[Symbol.asyncDispose]();
    await markNewer(settings.namespace);
    await expect(openCustomerStore(options)).rejects.toMatchObject({ code: 'state-version' });
  });
});

async function markNewer(namespace: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: TEST_DATABASE_URL });
  await client.connect();
  await client.query(`INSERT INTO "${namespace}_customer".migration VALUES (99, 'later', 0)`);
  await client.end();
}
