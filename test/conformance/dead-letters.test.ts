// Goal: a dead letter is kept once, can be looked at, and sent again completes its saga. Method: a real shop, garbage, rejected commands, a mail server that says no.
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import {
  DeadLetterDetail,
  DeadLetterList,
  DeadLetterOutcome,
  type DeadLetterView,
} from '../../src/contracts/dead-letters.ts';
import { OrderDetail } from '../../src/contracts/orders.ts';
import { retryLater } from '../../src/contracts/participant.ts';
import { ClosingStack } from '../../src/kernel/closing.ts';
import { liveIds } from '../../src/kernel/live.ts';
import { outgoing } from '../../src/messaging/bus.ts';
import { deadLetterOf } from '../../src/messaging/dead-letter.ts';
import { startNotification } from '../../src/services/notification/service.ts';
import { openTestPart } from '../support/part.ts';
import { ShopClient } from '../support/shop-client.ts';
import { openShop, type ShopService, type TestShop } from '../support/shop.ts';
import { SmtpSink } from '../support/smtp-sink.ts';

let closing: ClosingStack;
let shop: TestShop;
let client: ShopClient;
let connection: ChannelModel;
let channel: Channel;

async function open(without: readonly ShopService[]): Promise<void> {
  closing = new ClosingStack();
  shop = closing.use(await openShop(without));
  client = closing.use(await ShopClient.open(shop));
  connection = await connect(shop.settings.amqpUrl ?? '');
  closing.defer(() => connection.close());
  channel = await connection.createChannel();
}

const list = async (query = ''): Promise<DeadLetterList> =>
  DeadLetterList.parse(await (await client.get(`/dead-letters${query}`)).json());

async function ask(what: 'retry' | 'drop', selection: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(selection);
  return fetch(`${shop.url}/dead-letters/${what}`, { method: 'POST', headers, body });
}

const act = async (what: 'retry' | 'drop', selection: object): Promise<DeadLetterOutcome> =>
  DeadLetterOutcome.parse(await (await ask(what, selection)).json());

async function arrived(query: string, times = 1): Promise<DeadLetterView> {
  await expect
    .poll(async () => (await list(query)).deadLetters.map((each) => each.times))
    .toEqual([times]);
  const [letter] = (await list(query)).deadLetters;
  if (letter === undefined) throw new Error('it went again');
  return letter;
}

describe('looking at dead letters', () => {
  beforeAll(() => open([]));
  afterAll(() => closing[Symbol.asyncDispose]());

  const garbage = (content: Buffer | string, options = {}): string => {
    const type = `garbage-${liveIds.hex(4)}`;
    const queue = shop.visitor.names.queueOf('inventory');
    channel.sendToQueue(queue, Buffer.from(content), { type, ...options });
    return type;
  };

  test('garbage is listed with its reason and place, and shown with its bytes', async () => {
    const type = garbage('{"half":', { messageId: 'm1', headers: { odd: Buffer.from([0, 1]) } });
    const letter = await arrived(`?type=${type}`);
    expect(letter).toMatchObject({
      state: 'dead',
      reason: 'unparsable',
      service: 'inventory',
      queue: shop.visitor.names.queueOf('inventory'),
      type,
      messageId: 'm1',
      sizeBytes: 8,
      retries: 0,
    });
    const shown = await (await client.get(`/dead-letters/${letter.id.slice(0, 8)}`)).json();
    expect(DeadLetterDetail.parse(shown)).toMatchObject({
      ...letter,
      body: { encoding: 'text', content: '{"half":', isKept: true },
      properties: { headers: { odd: { '!': 'bytes', value: 'AAE=' } } },
    });
  });

  test('garbage of a scenario run is found by the run, whatever is wrong with the rest', async () => {
    const run = `run-${liveIds.hex(4)}`;
    const padding = 'x'.repeat(60_000);
    const types = [
      garbage('{"half":', { headers: { run: `${run}/o1` } }),
      garbage(Buffer.alloc(1_500_000, 0x20), { headers: { run: `${run}/o2` } }),
      garbage('{}', { headers: { run, version: 'none' } }),
      garbage('{}', { headers: { run: `${run}/o3`, padding } }),
    ];
    const others = [
      garbage('{}', { headers: { run: `${run}-other/o1` } }),
      garbage('{}', { headers: { run: { nested: run } } }),
      garbage('{}'),
    ];
    for (const type of [...types, ...others]) await arrived(`?type=${type}`);
    const { deadLetters, total } = await list(`?run=${run}`);
    expect(total).toBe(types.length);
    const found = deadLetters.map(({ type, run: label }) => `${type} ${label}`);
    const labels = [`${run}/o1`, `${run}/o2`, run, `${run}/o3`];
    expect(found.toSorted()).toEqual(types.map((type, n) => `${type} ${labels[n]}`).toSorted());
    const { done } = await act('drop', { run, dryRun: true });
    expect(done).toHaveLength(types.length);
  });

  test('whatever bytes and texts somebody sends are kept: NULs, control characters, a megabyte and more', async () => {
    const binary = garbage(Buffer.from([0xff, 0, 0x80]), {
      messageId: 'nul\u0000and\u001b[31mred',
      headers: { 'nul\u0000': '\u0000', deep: [{ a: [null, true, 1.5, new Date(0).getTime()] }] },
    });
    const { id, messageId } = await arrived(`?type=${binary}`);
    // oxlint-disable-next-line no-control-regex -- they are what must not be there
    expect(messageId).not.toMatch(/[\u0000-\u001f]/);
    const shown = DeadLetterDetail.parse(await (await client.get(`/dead-letters/${id}`)).json());
    expect(shown.body).toEqual({ encoding: 'base64', content: '/wCA', isKept: true });
    const large = await arrived(`?type=${garbage(Buffer.alloc(1_500_000, 0x20))}`);
    expect(large).toMatchObject({ reason: 'too-large', sizeBytes: 1_500_000 });
    expect((await act('retry', { ids: [large.id] })).failed).toEqual([
      { id: large.id, problem: 'its 1500000 bytes were not kept' },
    ]);
  });

  test('a copy that is delivered again counts once, another death of the message counts, and it stays one', async () => {
    const { names, bus } = shop.visitor;
    const type = `twice-${liveIds.hex(4)}`;
    const properties = { type, messageId: type };
    const raw = { exchange: '', routingKey: 'q', content: Buffer.from('{}'), properties };
    const die = async (copy: string): Promise<void> => {
      const facts = { service: 's', queue: 'nowhere', at: 1, copy };
      const death = { reason: 'invalid-body', detail: 'x' } as const;
      await bus.forward(deadLetterOf(raw, { ...facts, ...death }, names.deadLetters));
    };
    for (const copy of ['first', 'first', 'first']) await die(copy);
    // What came before it was stored before it: one queue, one row.
    await die('second');
    await arrived(`?type=${type}`, 2);
    const retried = await act('retry', { type });
    expect(retried).toMatchObject({ done: [], failed: [{ problem: 'no queue takes it' }] });
  });

  test('is filtered by type, reason and order, and says how many there are', async () => {
    const order = liveIds.uuid();
    const type = garbage('x', { correlationId: order });
    await arrived(`?order=${order}`);
    for (const part of [order.slice(0, 8), order.slice(-8)])
      expect((await list(`?type=${type}&order=${part}`)).total).toBe(1);
    expect(await list(`?type=${type}&reason=given-up`)).toEqual({ deadLetters: [], total: 0 });
    expect((await list(`?limit=1`)).deadLetters).toHaveLength(1);
    expect((await client.get(`/dead-letters?reason=bad-luck`)).status).toBe(400);
  });

  test('a retry of poison makes it a dead letter again, the same one', async () => {
    const type = garbage('{"half":');
    const { id } = await arrived(`?type=${type}`);
    const dry = await act('retry', { type, dryRun: true });
    expect(dry).toMatchObject({ dryRun: true, done: [{ id }] });
    expect(await list(`?type=${type}`)).toMatchObject({ deadLetters: [{ retries: 0, times: 1 }] });
    expect(await act('retry', { type })).toMatchObject({ done: [{ id, retries: 1 }], failed: [] });
    expect(await arrived(`?type=${type}`, 2)).toMatchObject({ id, state: 'dead', retries: 1 });
  });

  test('a drop removes what is selected and nothing else', async () => {
    const [one, other] = [garbage('1'), garbage('2')];
    const { id } = await arrived(`?type=${one}`);
    await arrived(`?type=${other}`);
    expect(await act('drop', { ids: [id], dryRun: true })).toMatchObject({ done: [{ id }] });
    expect(await act('drop', { ids: [id.slice(0, 10)] })).toMatchObject({
      done: [{ id }],
      left: 0,
    });
    expect(await list(`?type=${one}`)).toEqual({ deadLetters: [], total: 0 });
    expect((await list(`?type=${other}`)).total).toBe(1);
  });

  test('what does not exist is refused with its code, and nothing is done by half', async () => {
    const { id } = await arrived(`?type=${garbage('x')}`);
    for (const what of ['retry', 'drop'] as const) {
      const response = await ask(what, { ids: [id, '0000000000000000'] });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: 'unknown-dead-letter' } });
      expect((await ask(what, {})).status).toBe(400);
    }
    expect((await client.get(`/dead-letters/${id}`)).status).toBe(200);
    expect((await client.get('/dead-letters/0000000000000000')).status).toBe(404);
  });
});

describe('a command that is sent again', () => {
  beforeEach(() => open(['payment', 'notification']));
  afterEach(() => closing[Symbol.asyncDispose]());

  test('completes the saga that waits for it: a charge that a broken part rejected', async () => {
    await shop.start('notification');
    const queue = shop.visitor.names.queueOf('payment');
    const { consumerTag } = await channel.consume(
      queue,
      (raw) => raw && channel.reject(raw, false),
    );
    const placing = client.order({ book: 42 });
    const letter = await arrived('?type=payment.charge');
    expect(letter).toMatchObject({ reason: 'rejected', queue, retries: 0 });
    await channel.cancel(consumerTag);
    await shop.start('payment');
    expect(await act('retry', { type: 'payment.charge' })).toMatchObject({ failed: [] });
    const placed = await placing;
    expect(placed.id).toBe(letter.orderId);
    await expect.poll(() => eventsOf(placed.id)).toContain('confirmed');
    expect(await client.paid([placed.id])).toMatchObject([{ captures: 1 }]);
    expect(await list('?state=dead')).toMatchObject({ total: 0 });
    expect(await list('?state=retried')).toMatchObject({ total: 1 });
  });

  test('is not needed for a reply that the saga log cannot keep: it dies alone, and the order goes on', async () => {
    const id = await client.begin({ book: 42 });
    await expect.poll(() => eventsOf(id)).toContain('reserved');
    const { bus, names } = shop.visitor;
    const routing = { exchange: '', routingKey: names.replies, id: `${id}:charge:do:reply` };
    const body = { afterMs: 500, reason: 'half of a rabbit \ud83d' };
    const inReplyTo = `${id}:charge:do`;
    await bus.publish(outgoing(retryLater, body, { ...routing, correlationId: id, inReplyTo }));
    expect(await arrived(`?order=${id}`)).toMatchObject({
      reason: 'given-up',
      service: 'mediator',
    });
    await shop.start('payment');
    await expect.poll(() => eventsOf(id)).toContain('confirmed');
  });

  test('completes the saga that waits for it: a mail that its server refused for good', async () => {
    await shop.start('payment');
    const sink = closing.use(await SmtpSink.open());
    sink.unknown.add('hatter@wonderland.example');
    const settings = { ...shop.settings, smtpUrl: sink.url };
    const part = closing.use(await openTestPart({ service: 'notification', settings }));
    closing.use(await startNotification(part));
    const placed = await client.order({ customerId: 'hatter' });
    const letter = await arrived(`?order=${placed.id}`);
    expect(letter).toMatchObject({ reason: 'given-up', service: 'notification' });
    expect(letter.detail).toContain('550 5.1.1 no such user here');
    expect(await eventsOf(placed.id)).not.toContain('notified');
    await expect
      .poll(async () => (await orderOf(placed.id)).waiting?.trouble)
      .toContain('550 5.1.1 no such user here');
    sink.unknown.clear();
    expect(await act('retry', { ids: [letter.id] })).toMatchObject({ failed: [] });
    await expect.poll(() => sink.received.length).toBe(1);
    await expect.poll(() => eventsOf(placed.id)).toContain('notified');
  });

  const orderOf = async (id: string): Promise<OrderDetail> =>
    OrderDetail.parse(await (await client.get(`/orders/${id}`)).json());
  const eventsOf = async (id: string): Promise<readonly string[]> =>
    (await orderOf(id)).timeline.map((each) => each.event);
});
