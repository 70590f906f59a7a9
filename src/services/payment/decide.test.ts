import { describe, expect, it } from 'vitest';

import { BugError, OutcomeUnknownError } from '../../kernel/errors.ts';
import * as decide from './decide.ts';
import type { Ledger } from './store.ts';

const request = {
  orderId: 'o1',
  idempotencyKey: 'o1:charge:do',
  hash: 'h',
  kind: 'visa',
  amountCents: 3_900,
} as const;
const pending = decide.openLedger(undefined, request);
const captured = decide.settleLedger(pending, { outcome: 'captured', chargeId: 'ch_1' });
const declined = decide.settleLedger(pending, { outcome: 'declined', reason: 'lost_card' });

describe('a charge', () => {
  it('is pending before the provider is asked, and nothing has moved', () => {
    expect(pending).toMatchObject({ state: 'PENDING', capturedCents: 0, refundedCents: 0 });
    expect(decide.movementsBetween(undefined, pending)).toEqual([]);
  });

  it('captures the amount when the provider says so', () => {
    expect(captured).toMatchObject({ state: 'CAPTURED', capturedCents: 3_900, paymentId: 'ch_1' });
    expect(decide.movementsBetween(pending, captured)).toEqual([{ kind: 'capture', cents: 3_900 }]);
  });

  it('is declined with the reason of the provider, and nothing has moved', () => {
    expect(declined).toMatchObject({ state: 'DECLINED', reason: 'lost_card', capturedCents: 0 });
    expect(decide.movementsBetween(pending, declined)).toEqual([]);
  });

  it('is settled once: a later answer changes nothing', () => {
    const answer = { outcome: 'captured', chargeId: 'ch_2' } as const;
    for (const ledger of [captured, declined]) {
      expect(decide.settleLedger(ledger, answer)).toBe(ledger);
    }
  });

  it('may be repeated with the same facts only', () => {
    expect(decide.openLedger(captured, request)).toBe(captured);
    expect(() => decide.openLedger(captured, { ...request, hash: 'other' })).toThrow(BugError);
  });
});

describe('a void', () => {
  it('leaves a tombstone where nobody charged, and the charge that comes later finds it', () => {
    const tombstone = decide.stopCharges(undefined, 'o1');
    expect(tombstone).toMatchObject({ state: 'VOIDED', reason: 'voided' });
    expect(decide.keyToReturn(tombstone)).toBeUndefined();
    expect(decide.openLedger(tombstone, request)).toBe(tombstone);
  });

  it('overtakes a pending charge: what the provider captured comes back, and its answer is too late', () => {
    const stopped = decide.stopCharges(pending, 'o1');
    expect(decide.keyToReturn(stopped)).toBe('o1:charge:do');
    expect(decide.settleLedger(stopped, { outcome: 'captured', chargeId: 'ch_1' })).toBe(stopped);
    const voided = decide.voidLedger(stopped, 3_900);
    expect(voided).toMatchObject({ state: 'VOIDED', capturedCents: 3_900, refundedCents: 3_900 });
    expect(decide.movementsBetween(stopped, voided)).toEqual([
      { kind: 'capture', cents: 3_900 },
      { kind: 'return', cents: 3_900 },
    ]);
  });

  it('gives captured money back once', () => {
    const voided = decide.voidLedger(decide.stopCharges(captured, 'o1'), 3_900);
    expect(decide.movementsBetween(captured, voided)).toEqual([{ kind: 'return', cents: 3_900 }]);
    const again = decide.voidLedger(decide.stopCharges(voided, 'o1'), 3_900);
    expect(decide.movementsBetween(voided, again)).toEqual([]);
  });

  it('leaves a declined charge as it is', () => {
    expect(decide.stopCharges(declined, 'o1')).toBe(declined);
    expect(decide.keyToReturn(declined)).toBeUndefined();
    expect(decide.voidLedger(declined, 0)).toBe(declined);
  });
});

describe('a refund', () => {
  it('gives captured money back, once', () => {
    expect(decide.refundableKey(captured)).toBe('o1:charge:do');
    const refunded = decide.refundLedger(captured, 3_900);
    expect(refunded).toMatchObject({ state: 'REFUNDED', refundedCents: 3_900 });
    expect(decide.refundableKey(refunded)).toBeUndefined();
    expect(decide.refundLedger(refunded, 3_900)).toBe(refunded);
  });

  it('has nothing to give back where nothing was captured', () => {
    const others: Array<Ledger | undefined> = [undefined, declined];
    for (const ledger of others) expect(decide.refundableKey(ledger)).toBeUndefined();
  });

  it('does not close the books when the provider gave back something else', () => {
    expect(() => decide.refundLedger(captured, 0)).toThrow(BugError);
    expect(() => decide.voidLedger(captured, 3_899)).toThrow(BugError);
  });

  it('waits while nobody knows whether the charge was captured', () => {
    expect(() => decide.refundableKey(pending)).toThrow(OutcomeUnknownError);
  });
});
