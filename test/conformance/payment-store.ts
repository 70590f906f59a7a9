/** What every payment store must do, whatever database is below. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type {
  Ledger,
  LedgerRequest,
  Movement,
  PaymentStore,
  PaymentTx,
  ProviderCharge,
} from '../../src/services/payment/store.ts';
import type { NewDatabase } from '../support/new-database.ts';

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

/** Registers the suite. */
export function describePaymentStore(
  name: string,
  newDatabase: () => Promise<NewDatabase<PaymentStore>>,
): void {
  describe(`the payment store on ${name}`, () => {
    let database: NewDatabase<PaymentStore>;
    let store: PaymentStore;
    beforeEach(async () => {
      database = await newDatabase();
      store = await database.open();
    });
    afterEach(() => database[Symbol.asyncDispose]());

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

    describe('opened twice', () => {
      let stores: readonly PaymentStore[];
      beforeEach(async () => {
        stores = [store, await database.open()];
      });

      /** Both stores at once, many times. */
      const everywhere = <T>(
        times: number,
        run: (each: PaymentStore, index: number) => Promise<T>,
      ) =>
        Promise.all(
          Array.from({ length: times }, (_, index) =>
            Promise.all(stores.map((each) => run(each, index))),
          ),
        );

      it('opens one ledger for an order that both are asked to charge', async () => {
        await everywhere(20, (each, index) =>
          each.transact((tx) => settle(tx, `o${index}`, (ledger) => ledger)),
        );
        const ids = Array.from({ length: 20 }, (_, index) => `o${index}`);
        const ledgers = await store.transact((tx) => tx.ledgersOf(ids));
        expect(ledgers.map((ledger) => ledger.state)).toEqual(ids.map(() => 'PENDING'));
      });

      it('settles a ledger once: what one captures the other does not void', async () => {
        await everywhere(20, (each, index) =>
          each.transact((tx) =>
            settle(tx, `o${index}`, (ledger) => {
              if (ledger.state !== 'PENDING') return ledger;
              return stores.indexOf(each) === 0
                ? { ...ledger, state: 'CAPTURED', capturedCents: 3_900, paymentId: 'ch_1' }
                : { ...ledger, state: 'VOIDED', reason: 'voided' };
            }),
          ),
        );
        for (const index of Array.from({ length: 20 }).keys()) {
          const ledger = await find(`o${index}`);
          const movements = await store.transact((tx) => tx.movementsOf(`o${index}`));
          expect(movements).toHaveLength(ledger?.state === 'CAPTURED' ? 1 : 0);
        }
      });

      it('answers a message that both get at once alike, and does its effect once', async () => {
        const answers = await everywhere(20, (each, index) =>
          each.transact(async (tx) => {
            const known = await tx.findReply(`m${index}`);
            if (known !== undefined) return known;
            await settle(tx, `o${index}`, () => ({
              ...CAPTURED,
              orderId: `o${index}`,
              request: requestOf(`o${index}`),
            }));
            const answer = { type: 'x', version: 1, body: { z: stores.indexOf(each), a: index } };
            await tx.saveReply(`m${index}`, `o${index}`, answer);
            return answer;
          }),
        );
        for (const [one, other] of answers) expect(JSON.stringify(one)).toBe(JSON.stringify(other));
        for (const index of answers.keys()) {
          expect(await store.transact((tx) => tx.movementsOf(`o${index}`))).toHaveLength(1);
        }
      });

      it('accepts a charge of the provider once under its key, and captures it once', async () => {
        const chargeIds = await everywhere(20, async (each, index) => {
          const idempotencyKey = `k${index}`;
          return each.provider.transact(async (tx) => {
            const known = await tx.findCharge(idempotencyKey);
            if (known !== undefined) return known.chargeId;
            const chargeId = `ch_${index}_${stores.indexOf(each)}`;
            await tx.saveCharge({ ...CHARGE, idempotencyKey, chargeId, orderId: `o${index}` });
            return chargeId;
          });
        });
        for (const [one, other] of chargeIds) expect(one).toBe(other);
        const wins = await everywhere(20, (each, index) =>
          each.provider.transact(async (tx) => {
            const charge = await tx.findCharge(`k${index}`);
            if (charge?.outcome !== 'processing') return 'late';
            await tx.saveCharge({ ...charge, outcome: 'captured' });
            return 'captured';
          }),
        );
        expect(wins.flat().filter((each) => each === 'captured')).toHaveLength(20);
      });
    });
  });
}

/** Reads an order's ledger, changes it, and writes it with the money that moved, as the service does. */
async function settle(
  tx: PaymentTx,
  orderId: string,
  rule: (known: Ledger) => Ledger,
): Promise<void> {
  const known = await tx.findLedger(orderId);
  const before = known ?? { ...PENDING, orderId, request: requestOf(orderId) };
  const after = rule(before);
  if (after === known) return;
  const cents = after.capturedCents - before.capturedCents;
  await tx.saveLedger(after, cents > 0 ? [{ kind: 'capture', cents }] : []);
}

function requestOf(orderId: string): LedgerRequest {
  return { idempotencyKey: `${orderId}:charge:do`, hash: 'h', kind: 'visa', amountCents: 3_900 };
}
