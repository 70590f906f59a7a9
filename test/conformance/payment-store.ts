/** What every payment store must do, whatever database is below. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type {
  Ledger,
  Movement,
  PaymentStore,
  ProviderCharge,
} from '../../src/services/payment/store.ts';

const PENDING: Ledger = {
  orderId: 'o1',
  state: 'PENDING',
  request: { idempotencyKey: 'o1:charge:do', hash: 'h', kind: 'visa', amountCents: 3_900 },
  capturedCents: 0,
  refundedCents: 0,
  paymentId: undefined,
  reason: undefined,
};
const CAPTURED: Ledger = { ...PENDING, state: 'CAPTURED', capturedCents: 3_900, paymentId: 'ch_1' };
const TOMBSTONE: Ledger = { ...PENDING, state: 'VOIDED', request: undefined, reason: 'voided' };
const CHARGE: ProviderCharge = {
  idempotencyKey: 'o1:charge:do',
  orderId: 'o1',
  chargeId: 'ch_1',
  amountCents: 3_900,
  outcome: 'processing',
  reason: undefined,
  settlesAt: 1_000,
};

/** Registers the suite; `open` gives an empty store, migrated, that removes its data when disposed. */
export function describePaymentStore(name: string, open: () => Promise<PaymentStore>): void {
  describe(`the payment store on ${name}`, () => {
    let store: PaymentStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store[Symbol.asyncDispose]());

    const find = (orderId: string) => store.transact((tx) => tx.findLedger(orderId));
    const save = (ledger: Ledger, ...movements: Movement[]) =>
      store.transact((tx) => tx.saveLedger(ledger, movements));

    it.each([PENDING, CAPTURED, TOMBSTONE])('keeps a ledger as it is: $state', async (ledger) => {
      await save(ledger);
      expect(await find('o1')).toEqual(ledger);
    });

    it('replaces the outcome, never what was asked for', async () => {
      await save(PENDING);
      await save({ ...CAPTURED, request: { ...PENDING.request!, hash: 'other' } });
      expect(await find('o1')).toEqual(CAPTURED);
    });

    it('knows nothing of an order that nobody charged', async () => {
      expect(await find('o1')).toBeUndefined();
      expect(await store.transact((tx) => tx.ledgersOf(['o1']))).toEqual([]);
    });

    it('keeps every movement, oldest first', async () => {
      await save(PENDING);
      await save(CAPTURED, { kind: 'capture', cents: 3_900 });
      const refunded: Ledger = { ...CAPTURED, state: 'REFUNDED', refundedCents: 3_900 };
      await save(refunded, { kind: 'return', cents: 3_900 });
      expect(await store.transact((tx) => tx.movementsOf('o1'))).toEqual([
        { kind: 'capture', cents: 3_900 },
        { kind: 'return', cents: 3_900 },
      ]);
    });

    it('refuses a ledger that gives back more than it took', async () => {
      await save(PENDING);
      await expect(save({ ...PENDING, refundedCents: 3_900 })).rejects.toThrow(/CHECK|check/);
      expect(await find('o1')).toEqual(PENDING);
    });

    it('refuses to use one idempotency key for two orders', async () => {
      await save(PENDING);
      await expect(save({ ...PENDING, orderId: 'o2' })).rejects.toThrow(/UNIQUE|unique/);
    });

    it('reads the ledgers of many orders', async () => {
      await save(PENDING);
      await save({ ...TOMBSTONE, orderId: 'o2' });
      const ledgers = await store.transact((tx) => tx.ledgersOf(['o1', 'o2', 'o3']));
      expect(ledgers.map((ledger) => ledger.orderId).toSorted()).toEqual(['o1', 'o2']);
    });

    it("keeps the provider's charges and counts what was captured, given back or not", async () => {
      const { provider } = store;
      await provider.transact((tx) => tx.saveCharge(CHARGE));
      expect(await provider.transact((tx) => tx.findCharge('o1:charge:do'))).toEqual(CHARGE);
      expect(await provider.transact((tx) => tx.countCaptures(['o1']))).toEqual(new Map());
      await provider.transact((tx) => tx.saveCharge({ ...CHARGE, outcome: 'captured' }));
      expect(await provider.transact((tx) => tx.countCaptures(['o1', 'o2']))).toEqual(
        new Map([['o1', 1]]),
      );
      await provider.transact((tx) => tx.saveCharge({ ...CHARGE, outcome: 'returned' }));
      expect(await provider.transact((tx) => tx.countCaptures(['o1']))).toEqual(
        new Map([['o1', 1]]),
      );
    });

    it('keeps the answer to a message with the effect, or neither', async () => {
      const reply = { type: 'payment.voided', version: 1, body: { orderId: 'o1' } };
      const failed = store.transact(
        async (tx) => {
          await tx.saveLedger(TOMBSTONE, []);
          await tx.saveReply('m1', 'o1', reply);
        },
        () => {
          throw new Error('before the commit');
        },
      );
      await expect(failed).rejects.toThrow('before the commit');
      expect(await find('o1')).toBeUndefined();
      expect(await store.transact((tx) => tx.findReply('m1'))).toBeUndefined();
    });
  });
}
