import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Commander } from '../../../test/support/commander.ts';
import { dropTestSchemas, TEST_DATABASE_URL } from '../../../test/support/database.ts';
import { armFaults } from '../../../test/support/faults.ts';
import { openSurroundings, openTestPart } from '../../../test/support/part.ts';
import type { Settings } from '../../config/settings.ts';
import * as contract from '../../contracts/payment.ts';
import { findTestCard } from '../../contracts/test-cards.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { liveClock, liveIds } from '../../kernel/live.ts';
import type { Part } from '../../messaging/part.ts';
import { startPayment } from './service.ts';

const AMOUNT_CENTS = 3_900;

describe.each([
  ['SQLite', undefined],
  ['PostgreSQL', TEST_DATABASE_URL],
])('the payment service on %s', (_name, paymentUrl) => {
  let closing: ClosingStack;
  let settings: Settings;
  let payment: AsyncDisposable;
  let saga: Part;
  let commander: Commander;

  beforeEach(async () => {
    closing = new ClosingStack();
    settings = { ...closing.use(await openSurroundings()).settings, paymentUrl };
    closing.defer(() => dropTestSchemas(settings, ['payment']));
    payment = closing.use(await startOwnPayment());
    saga = closing.use(await openTestPart({ service: 'mediator', settings }));
    commander = closing.use(await Commander.open(saga, 'payment'));
  });
  afterEach(() => closing[Symbol.asyncDispose]());

  /** With a part of its own, so that the test can end it like a process. */
  async function startOwnPayment(): Promise<AsyncDisposable> {
    const opening = new ClosingStack();
    const part = opening.use(await openTestPart({ service: 'payment', settings }));
    opening.use(await startPayment(part));
    return opening;
  }

  interface ChargeOptions {
    readonly id?: string;
    readonly amountCents?: number;
    readonly run?: string;
  }

  function charge(orderId: string, cardName = 'visa', options: ChargeOptions = {}) {
    const { id = `${orderId}:charge:do`, amountCents = AMOUNT_CENTS, run } = options;
    const card = findTestCard(cardName) ?? { kind: 'visa' as const, token: 'tok_nobody' };
    const method = { kind: card.kind, token: card.token };
    return commander.send(
      contract.charge,
      { orderId, customerId: 'alice', amountCents, currency: 'EUR', method },
      { id, orderId, ...(run !== undefined && { run }) },
    );
  }
  const voidCharge = (orderId: string) =>
    commander.send(contract.voidCharge, { orderId }, { orderId });
  const refund = (orderId: string) => commander.send(contract.refund, { orderId }, { orderId });

  async function paidFor(orderId: string) {
    const answer = await commander.send(contract.audit, { orderIds: [orderId] });
    return contract.audited.body.parse(answer.body).payments[0];
  }

  it.each(['visa', 'mastercard', 'paypal'])('captures the amount with %s', async (card) => {
    const orderId = liveIds.uuid();
    const answer = await charge(orderId, card);
    expect(answer.type).toBe('payment.charged');
    expect(answer.body).toMatchObject({ orderId, amountCents: AMOUNT_CENTS, currency: 'EUR' });
    expect(await paidFor(orderId)).toMatchObject({
      state: 'CAPTURED',
      capturedCents: AMOUNT_CENTS,
      refundedCents: 0,
      captures: 1,
    });
  });

  it.each([
    ['insufficient-funds', 'insufficient_funds'],
    ['expired-card', 'expired_card'],
    ['paypal-declined', 'payer_cannot_pay'],
    ['nobody', 'unknown_token'],
  ])('declines %s with the reason %s', async (card, reason) => {
    const orderId = liveIds.uuid();
    const answer = await charge(orderId, card);
    expect(answer.type).toBe('payment.declined');
    expect(answer.body).toEqual({ orderId, reason });
    expect(await paidFor(orderId)).toMatchObject({
      state: 'DECLINED',
      capturedCents: 0,
      captures: 0,
    });
  });

  it('says "not now" while the provider fails, and a void then ends the matter', async () => {
    const orderId = liveIds.uuid();
    expect((await charge(orderId, 'provider-error')).type).toBe('participant.retry-later');
    expect((await charge(orderId, 'provider-error')).type).toBe('participant.retry-later');
    expect(await paidFor(orderId)).toMatchObject({ state: 'PENDING', captures: 0 });
    expect((await voidCharge(orderId)).body).toEqual({ orderId, returnedCents: 0 });
    const answer = await charge(orderId, 'provider-error');
    expect(answer.body).toEqual({ orderId, reason: 'voided' });
  });

  it('captures once, however often and under whatever id the order is charged', async () => {
    const orderId = liveIds.uuid();
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => charge(orderId)),
      charge(orderId, 'visa', { id: liveIds.uuid() }),
    ]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    expect(await paidFor(orderId)).toMatchObject({ capturedCents: AMOUNT_CENTS, captures: 1 });
  });

  it('says "not now" to another amount for the same order, and leaves the first as it is', async () => {
    const orderId = liveIds.uuid();
    await charge(orderId);
    const answer = await charge(orderId, 'visa', { id: liveIds.uuid(), amountCents: 1 });
    expect(answer.type).toBe('participant.retry-later');
    expect(await paidFor(orderId)).toMatchObject({ capturedCents: AMOUNT_CENTS, captures: 1 });
  });

  it('does not let a late card hold up the others', async () => {
    const late = charge(liveIds.uuid(), 'late-answer').then(() => liveClock.elapsed());
    const others = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const answer = await charge(liveIds.uuid());
        return { type: answer.type, at: liveClock.elapsed() };
      }),
    );
    const lateAt = await late;
    expect(others.every((each) => each.type === 'payment.charged')).toBe(true);
    expect(Math.max(...others.map((each) => each.at))).toBeLessThan(lateAt - 1_000);
  });

  it('declines a charge that was voided while the provider took its time', async () => {
    const orderId = liveIds.uuid();
    const charging = charge(orderId, 'late-answer');
    await expect.poll(() => paidFor(orderId)).toMatchObject({ state: 'PENDING' });
    expect((await voidCharge(orderId)).type).toBe('payment.voided');
    expect((await charging).body).toEqual({ orderId, reason: 'voided' });
    expect(await paidFor(orderId)).toMatchObject({ state: 'VOIDED', captures: 0 });
  });

  it('gives captured money back on a void, once', async () => {
    const orderId = liveIds.uuid();
    await charge(orderId);
    const returned = { orderId, returnedCents: AMOUNT_CENTS };
    expect((await voidCharge(orderId)).body).toEqual(returned);
    expect((await voidCharge(orderId)).body).toEqual(returned);
    expect(await paidFor(orderId)).toMatchObject({
      state: 'VOIDED',
      capturedCents: AMOUNT_CENTS,
      refundedCents: AMOUNT_CENTS,
      captures: 1,
    });
  });

  it('declines a charge that comes after its void', async () => {
    const orderId = liveIds.uuid();
    await voidCharge(orderId);
    expect((await charge(orderId)).body).toEqual({ orderId, reason: 'voided' });
    expect(await paidFor(orderId)).toMatchObject({ state: 'VOIDED', captures: 0 });
  });

  it('refunds what was captured, once, and nothing where nothing was', async () => {
    const orderId = liveIds.uuid();
    await charge(orderId);
    expect((await refund(orderId)).body).toEqual({ orderId, returnedCents: AMOUNT_CENTS });
    expect((await refund(orderId)).body).toEqual({ orderId, returnedCents: AMOUNT_CENTS });
    expect(await paidFor(orderId)).toMatchObject({
      state: 'REFUNDED',
      refundedCents: AMOUNT_CENTS,
    });
    const never = liveIds.uuid();
    expect((await refund(never)).body).toEqual({ orderId: never, returnedCents: 0 });
  });

  it('declines with the reason of a fault, whatever the card', async () => {
    const orderId = liveIds.uuid();
    await armFaults(saga, 'payment', {
      run: 'r1',
      message: contract.charge.name,
      point: 'handle',
      action: { verb: 'decline', reason: 'insufficient_funds' },
    });
    const answer = await charge(orderId, 'visa', { run: 'r1' });
    expect(answer.body).toEqual({ orderId, reason: 'insufficient_funds' });
    expect(await paidFor(orderId)).toMatchObject({ state: 'DECLINED', captures: 0 });
  });

  it('captures once when it failed after the provider had captured', async () => {
    const orderId = liveIds.uuid();
    await armFaults(saga, 'payment', {
      run: 'r2',
      message: contract.charge.name,
      point: 'commit',
      action: { verb: 'error', message: 'disk full' },
      times: 1,
    });
    expect((await charge(orderId, 'visa', { run: 'r2' })).type).toBe('participant.retry-later');
    expect(await paidFor(orderId)).toMatchObject({ state: 'PENDING', captures: 1 });
    expect((await charge(orderId, 'visa', { run: 'r2' })).type).toBe('payment.charged');
    expect(await paidFor(orderId)).toMatchObject({ state: 'CAPTURED', captures: 1 });
  });

  it('answers the same when it comes back', async () => {
    const orderId = liveIds.uuid();
    const first = await charge(orderId);
    await payment[Symbol.asyncDispose]();
    const meanwhile = charge(orderId);
    closing.use(await startOwnPayment());
    expect((await meanwhile).body).toEqual(first.body);
    expect(await paidFor(orderId)).toMatchObject({ captures: 1 });
  });

  it('stores neither card tokens nor numbers', async () => {
    const card = findTestCard('lost-card');
    await charge(liveIds.uuid(), 'lost-card');
    await payment[Symbol.asyncDispose]();
    const file = await stored(settings);

    expect(file).toContain('lost_card');
    expect(file).not.toContain(card?.token);
    expect(file).not.toContain(card?.number);
  });
});

/** Everything that payment keeps, as text. */
async function stored({ dataDir = '', namespace, paymentUrl }: Settings): Promise<string> {
  if (paymentUrl === undefined) return readFile(path.join(dataDir, 'payment.db'), 'latin1');
  const client = new Client({ connectionString: paymentUrl });
  await client.connect();
  try {
    const tables = ['ledger', 'ledger_entry', 'provider_charge', 'inbox'];
    const rows = tables.map(
      (table) => `SELECT row::text FROM "${namespace}_payment".${table} AS row`,
    );
    const answer = await client.query<{ row: string }>(rows.join(' UNION ALL '));
    return answer.rows.map(({ row }) => row).join('\n');
  } finally {
    await client.end();
  }
}
