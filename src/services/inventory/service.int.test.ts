import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Commander } from '../../../test/support/commander.ts';
import { dropTestSchemas, TEST_DATABASE_URL } from '../../../test/support/database.ts';
import { armFaults } from '../../../test/support/faults.ts';
import { openSurroundings, openTestPart } from '../../../test/support/part.ts';
import type { Settings } from '../../config/settings.ts';
import * as contract from '../../contracts/inventory.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { liveIds } from '../../kernel/live.ts';
import type { Part } from '../../messaging/part.ts';
import { startInventory } from './service.ts';

describe.each([
  ['SQLite', undefined],
  ['PostgreSQL', TEST_DATABASE_URL],
])('the inventory service on %s', (_name, inventoryUrl) => {
  let closing: ClosingStack;
  let settings: Settings;
  let inventory: AsyncDisposable;
  let saga: Part;
  let commander: Commander;

  beforeEach(async () => {
    closing = new ClosingStack();
    settings = { ...closing.use(await openSurroundings()).settings, inventoryUrl };
    closing.defer(() => dropTestSchemas(settings, ['inventory']));
    inventory = closing.use(await startOwnInventory());
    saga = closing.use(await openTestPart({ service: 'mediator', settings }));
    commander = closing.use(await Commander.open(saga, 'inventory'));
  });
  afterEach(() => closing[Symbol.asyncDispose]());

  /** With a part of its own, so that the test can end it like a process. */
  async function startOwnInventory(): Promise<AsyncDisposable> {
    const opening = new ClosingStack();
    const part = opening.use(await openTestPart({ service: 'inventory', settings }));
    opening.use(await startInventory(part));
    return opening;
  }

  const reserve = (orderId: string, bookId = 42, quantity = 1, id = `${orderId}:reserve:do`) =>
    commander.send(contract.reserve, { orderId, lines: [{ bookId, quantity }] }, { id, orderId });
  const commit = (orderId: string) => commander.send(contract.commit, { orderId }, { orderId });
  const release = (orderId: string, id = liveIds.uuid()) =>
    commander.send(contract.release, { orderId }, { orderId, id });

  async function stockOf(...bookIds: number[]) {
    const answer = await commander.send(contract.audit, { bookIds });
    return contract.audited.body.parse(answer.body);
  }

  /** A new book with this many copies; its id. */
  async function stock(copies: number): Promise<number> {
    const books = [{ title: 'Last copies', author: 'Nobody', priceCents: 100, copies }];
    const answer = await commander.send(contract.stockBooks, { books });
    return contract.booksStocked.body.parse(answer.body).bookIds[0] ?? 0;
  }

  it('holds copies at their price, then sells them', async () => {
    const orderId = liveIds.uuid();
    const answer = await reserve(orderId, 42, 2);
    expect(answer.type).toBe('inventory.reserved');
    expect(answer.body).toMatchObject({ orderId, totalCents: 7_800, currency: 'EUR' });
    expect((await stockOf(42)).holds).toEqual([{ orderId, bookId: 42, quantity: 2 }]);

    expect((await commit(orderId)).type).toBe('inventory.committed');
    const after = await stockOf(42);
    expect(after.books).toEqual([{ id: 42, initial: 42, onHand: 40, held: 0, sold: 2 }]);
    expect(after.holds).toEqual([]);
  });

  it('gives held copies back on release, and on a second release changes nothing', async () => {
    const orderId = liveIds.uuid();
    await reserve(orderId, 42, 3);
    expect((await release(orderId)).type).toBe('inventory.released');
    expect((await release(orderId)).type).toBe('inventory.released');
    expect((await stockOf(42)).books[0]).toMatchObject({ onHand: 42, held: 0, sold: 0 });
  });

  it('refuses a reserve that comes after its release', async () => {
    const orderId = liveIds.uuid();
    await release(orderId);
    const answer = await reserve(orderId);
    expect(answer.type).toBe('inventory.refused');
    expect(answer.body).toEqual({ orderId, reason: 'released' });
    expect((await stockOf(42)).books[0]).toMatchObject({ held: 0 });
  });

  it('takes sold copies back on a release after the commit, once', async () => {
    const orderId = liveIds.uuid();
    await reserve(orderId, 42, 3);
    await commit(orderId);
    await commit(orderId);
    expect((await stockOf(42)).books[0]).toMatchObject({ onHand: 39, sold: 3 });
    await release(orderId);
    await release(orderId);
    expect((await stockOf(42)).books[0]).toMatchObject({ onHand: 42, held: 0, sold: 0 });
  });

  it('holds all lines of an order or none', async () => {
    const orderId = liveIds.uuid();
    const lines = [
      { bookId: 42, quantity: 1 },
      { bookId: 4_242, quantity: 1 },
    ];
    const answer = await commander.send(contract.reserve, { orderId, lines }, { orderId });
    expect(answer.body).toEqual({ orderId, reason: 'unknown-book', bookId: 4_242 });
    expect((await stockOf(42)).books[0]).toMatchObject({ held: 0 });
  });

  it('gives the last copy to exactly one of fifty orders at once', async () => {
    const bookId = await stock(1);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => reserve(liveIds.uuid(), bookId)),
    );
    const reserved = answers.filter((answer) => answer.type === 'inventory.reserved');
    const reasons = answers
      .filter((answer) => answer.type === 'inventory.refused')
      .map((answer) => contract.refused.body.parse(answer.body).reason);
    expect(reserved).toHaveLength(1);
    expect(reasons).toEqual(Array.from({ length: 49 }, () => 'out-of-stock'));
    expect((await stockOf(bookId)).books[0]).toMatchObject({ onHand: 1, held: 1 });
  });

  it('carries a message out once and answers its copies alike', async () => {
    const orderId = liveIds.uuid();
    const answers = await Promise.all(Array.from({ length: 5 }, () => reserve(orderId)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    expect(answers[0]?.type).toBe('inventory.reserved');
    expect((await stockOf(42)).books[0]).toMatchObject({ held: 1 });
  });

  it('answers the same for an order that holds its copies already, under another message id', async () => {
    const orderId = liveIds.uuid();
    const first = await reserve(orderId);
    const second = await reserve(orderId, 42, 1, liveIds.uuid());
    expect(second.body).toEqual(first.body);
    expect((await stockOf(42)).books[0]).toMatchObject({ held: 1 });
  });

  it('says "not now" instead of holding other copies for the same order', async () => {
    const orderId = liveIds.uuid();
    await reserve(orderId);
    const answer = await reserve(orderId, 7, 1, liveIds.uuid());
    expect(answer.type).toBe('participant.retry-later');
    expect((await stockOf(7)).books[0]).toMatchObject({ held: 0 });
  });

  it('remembers answers, holds and stock when it comes back', async () => {
    const orderId = liveIds.uuid();
    const first = await reserve(orderId);
    await inventory[Symbol.asyncDispose]();
    const meanwhile = reserve(orderId);
    closing.use(await startOwnInventory());
    expect((await meanwhile).body).toEqual(first.body);
    expect((await stockOf(42)).books[0]).toMatchObject({ initial: 42, held: 1 });
  });

  it('refuses with the reason of a fault and holds nothing', async () => {
    const orderId = liveIds.uuid();
    await armFaults(saga, 'inventory', {
      run: 'r1',
      message: contract.reserve.name,
      point: 'handle',
      action: { verb: 'decline', reason: 'damaged' },
    });
    const answer = await commander.send(
      contract.reserve,
      { orderId, lines: [{ bookId: 42, quantity: 1 }] },
      { orderId, run: 'r1' },
    );
    expect(answer.body).toEqual({ orderId, reason: 'damaged' });
    expect((await stockOf(42)).books[0]).toMatchObject({ held: 0 });
  });

  it('leaves nothing of a transaction that fails before its commit, and carries out the repetition', async () => {
    const orderId = liveIds.uuid();
    await armFaults(saga, 'inventory', {
      run: 'r2',
      message: contract.reserve.name,
      point: 'commit',
      action: { verb: 'error', message: 'disk full' },
      times: 1,
    });
    const body = { orderId, lines: [{ bookId: 42, quantity: 1 }] };
    const options = { id: `${orderId}:reserve:do`, orderId, run: 'r2' };
    const first = await commander.send(contract.reserve, body, options);
    expect(first.type).toBe('participant.retry-later');
    expect((await stockOf(42)).books[0]).toMatchObject({ held: 0 });
    const second = await commander.send(contract.reserve, body, options);
    expect(second.type).toBe('inventory.reserved');
  });

  it('lists and finds books', async () => {
    const listed = await commander.send(contract.listBooks, {
      search: 'kleppmann',
      limit: 5,
      offset: 0,
    });
    expect(listed.body).toMatchObject({
      total: 1,
      books: [{ title: 'Designing Data-Intensive Applications' }],
    });
    const found = await commander.send(contract.findBook, { isbn: '9780345391803' });
    expect(found.body).toMatchObject({ book: { id: 42, priceCents: 3_900, available: 42 } });
    const missing = await commander.send(contract.findBook, { id: 4_242 });
    expect(missing.body).toEqual({ book: null });
  });
});
