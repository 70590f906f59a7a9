// Goal: an inbox does not grow for ever, and a command that comes after its answer was forgotten does nothing again.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Settings } from '../../src/config/settings.ts';
import * as customer from '../../src/contracts/customer.ts';
import * as inventory from '../../src/contracts/inventory.ts';
import * as payment from '../../src/contracts/payment.ts';
import { ClosingStack } from '../../src/kernel/closing.ts';
import { liveIds } from '../../src/kernel/live.ts';
import { PARTICIPANTS } from '../../src/messaging/topology.ts';
import { answersFor, query } from '../support/answers.ts';
import { Commander } from '../support/commander.ts';
import { TEST_DATABASE_URL } from '../support/database.ts';
import { openShop, type TestShop } from '../support/shop.ts';
import { ShopClient } from '../support/shop-client.ts';

const POLL = { timeout: 20_000, interval: 50 };

const STORES: Record<string, Partial<Settings>> = {
  files: {},
  PostgreSQL: { inventoryUrl: TEST_DATABASE_URL, paymentUrl: TEST_DATABASE_URL },
};

describe.each(Object.keys(STORES))('inboxes on %s', { timeout: 60_000 }, (name) => {
  let closing: ClosingStack;
  let shop: TestShop;
  let client: ShopClient;

  beforeEach(() => {
    closing = new ClosingStack();
  });

  afterEach(() => closing[Symbol.asyncDispose]());

  async function open(settings: Partial<Settings>): Promise<void> {
    shop = closing.use(await openShop([], { ...STORES[name], ...settings }));
    client = closing.use(await ShopClient.open(shop));
  }

  const answers = (orderId: string) => answersFor(shop.settings, orderId);

  it('forget closed orders, and never one that still has something to do', async () => {
    await open({ inboxKeepMs: 0 });
    const resting = await client.order();
    await client.closed(resting.id);
    const kept = await answers(resting.id);
    expect(kept.length).toBeGreaterThanOrEqual(4);
    const declined = await client.order({ token: 'tok_insufficient_funds' });
    const cancelled = await client.order();
    await fetch(`${shop.url}/orders/${cancelled.id}/cancel`, { method: 'POST' });
    for (const { id } of [declined, cancelled]) {
      await expect.poll(() => answers(id), POLL).toEqual([]);
    }
    expect(await answers(resting.id)).toEqual(kept);
  });

  it('keep their answers for a while after the order was closed', async () => {
    await open({ inboxKeepMs: 3_600_000 });
    const order = await client.order({ token: 'tok_insufficient_funds' });
    await client.closed(order.id);
    const kept = await answers(order.id);
    // A second shop of the same kind forgets at once: when it has, this one had its chance too.
    const hasty = closing.use(await openShop([], { ...STORES[name], inboxKeepMs: 0 }));
    const visitor = closing.use(await ShopClient.open(hasty));
    const { id } = await visitor.order({ token: 'tok_insufficient_funds' });
    await expect.poll(() => answersFor(hasty.settings, id), POLL).toEqual([]);
    expect(await answers(order.id)).toEqual(kept);
  });

  /** What a saga may have sent, in the order it was sent: by how the order ended. */
  const SENT = {
    sold: ['reserve', 'charge', 'commit', 'record'],
    declined: ['reserve', 'declinedCharge', 'release'],
    voided: ['reserve', 'charge', 'void', 'release'],
    cancelled: ['reserve', 'charge', 'commit', 'record', 'cancel', 'refund', 'release'],
    overtaken: ['release', 'reserve', 'void', 'charge', 'cancel', 'record'],
  } as const;

  it.each(Object.keys(SENT) as Array<keyof typeof SENT>)(
    'may forget an order that was %s: what comes again does nothing again',
    async (ending) => {
      await open({});
      const orderId = liveIds.uuid();
      const bookId = await client.stock(5);
      const send = await sender(orderId, bookId);
      for (const step of SENT[ending]) await send(step);
      const before = await state(orderId, bookId);
      for (const steps of [SENT[ending], SENT[ending].toReversed()]) {
        for (const each of PARTICIPANTS) await query(shop.settings, each, 'DELETE FROM inbox');
        expect(await answers(orderId)).toEqual([]);
        for (const step of steps) await send(step);
        expect(await state(orderId, bookId)).toEqual(before);
      }
    },
  );

  it('may forget a refusal: the order is refused also when there are copies again', async () => {
    await open({});
    const [other, refused] = [liveIds.uuid(), liveIds.uuid()];
    const bookId = await client.stock(1);
    const [sendOther, send] = [await sender(other, bookId), await sender(refused, bookId)];
    await sendOther('reserve');
    expect(await send('reserve')).toMatchObject({ body: { reason: 'out-of-stock' } });
    await sendOther('release');
    expect(await send('reserve')).toMatchObject({ body: { reason: 'out-of-stock' } });
    await query(shop.settings, 'inventory', 'DELETE FROM inbox');
    expect(await send('reserve')).toMatchObject({ type: inventory.refused.name });
    expect(await client.shelf(bookId)).toMatchObject({ held: 0, holds: [] });
  });

  type Step = (typeof SENT)[keyof typeof SENT][number];

  /** Answers are awaited, whatever they say: "later" is as good as "done" when nothing is to be done. */
  async function sender(
    orderId: string,
    bookId: number,
  ): Promise<(step: Step) => Promise<unknown>> {
    const to = async (service: (typeof PARTICIPANTS)[number]) =>
      closing.use(await Commander.open(shop.visitor, service));
    const [stock, till, desk] = [await to('inventory'), await to('payment'), await to('customer')];
    const under = (step: string) => ({ id: `${orderId}:${step}`, orderId });
    const charge = (token: string) =>
      till.send(
        payment.charge,
        {
          orderId,
          customerId: 'alice',
          amountCents: 1_250,
          currency: 'EUR',
          method: { kind: 'visa', token },
        },
        under('charge'),
      );
    const line = { bookId, quantity: 1, title: 'The Last Copy', unitPriceCents: 1_250 };
    const record = {
      orderId,
      customerId: 'alice',
      lines: [line],
      totalCents: 1_250,
      currency: 'EUR' as const,
    };
    const steps: Record<Step, () => Promise<unknown>> = {
      reserve: () =>
        stock.send(
          inventory.reserve,
          { orderId, lines: [{ bookId, quantity: 1 }] },
          under('reserve'),
        ),
      charge: () => charge('tok_visa'),
      declinedCharge: () => charge('tok_insufficient_funds'),
      commit: () => stock.send(inventory.commit, { orderId }, under('commit')),
      release: () => stock.send(inventory.release, { orderId }, under('release')),
      void: () => till.send(payment.voidCharge, { orderId }, under('void')),
      refund: () => till.send(payment.refund, { orderId }, under('refund')),
      record: () => desk.send(customer.recordOrder, record, under('record')),
      cancel: () => desk.send(customer.cancelOrder, { orderId }, under('cancel')),
    };
    return (step) => steps[step]();
  }

  /** All that three databases say of the order. */
  async function state(orderId: string, bookId: number): Promise<unknown> {
    return {
      shelf: await client.shelf(bookId),
      paid: await client.paid([orderId]),
      recorded: await client.ask('customer', {
        contract: customer.audit,
        body: { orderIds: [orderId] },
        answer: customer.audited,
      }),
    };
  }
});
