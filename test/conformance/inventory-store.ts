/** What every inventory store must do, whatever database is below. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { CATALOGUE, FIRST_ADDED_ID } from '../../src/services/inventory/catalogue.ts';
import type { InventoryStore } from '../../src/services/inventory/store.ts';

const TEN_OF_42 = { id: 42, initial: 10, onHand: 10, held: 0, sold: 0 };
const HITCHHIKER = {
  id: 42,
  isbn: '9780345391803',
  title: "The Hitchhiker's Guide to the Galaxy",
  author: 'Douglas Adams',
  publisher: 'Del Rey',
  priceCents: 3_900,
};

/** Registers the suite; `open` gives an empty store, migrated, that removes its data when disposed. */
export function describeInventoryStore(name: string, open: () => Promise<InventoryStore>): void {
  describe(`the inventory store on ${name}`, () => {
    let store: InventoryStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store[Symbol.asyncDispose]());

    const stockOf = (...ids: number[]) => store.transact((tx) => tx.stockOf(ids));
    const seedTenOf42 = () => store.seed([{ ...HITCHHIKER, stock: 10 }]);
    const hold = (orderId: string, quantity: number) =>
      store.transact(async (tx) => {
        await tx.setOrderState(orderId, 'held');
        await tx.hold(orderId, [{ bookId: 42, quantity }]);
      });

    it('seeds an empty shop once and leaves a shop with books as it is', async () => {
      await seedTenOf42();
      await hold('o1', 1);
      await store.seed(CATALOGUE);
      expect(await stockOf(1, 42)).toEqual([{ ...TEN_OF_42, held: 1 }]);
    });

    it('takes the whole catalogue', async () => {
      await store.seed(CATALOGUE);
      const page = await store.transact((tx) => tx.listBooks({ limit: 500, offset: 0 }));
      expect(page.total).toBe(CATALOGUE.length);
      expect(page.books.map((book) => book.isbn)).toEqual(CATALOGUE.map((book) => book.isbn));
    });

    it('counts held copies as not available', async () => {
      await seedTenOf42();
      await hold('o1', 3);
      const book = await store.transact((tx) => tx.findBook({ id: 42 }));
      expect(book).toEqual({ ...HITCHHIKER, currency: 'EUR', available: 7 });
      expect(await stockOf(42)).toEqual([{ ...TEN_OF_42, held: 3 }]);
      expect(await store.transact((tx) => tx.holdsOn([42], 10))).toEqual([
        { orderId: 'o1', bookId: 42, quantity: 3 },
      ]);
    });

    it('refuses to hold more than there is, and leaves nothing of that transaction', async () => {
      await seedTenOf42();
      await hold('o1', 8);
      await expect(hold('o2', 3)).rejects.toThrow(/free copies/);
      expect(await stockOf(42)).toEqual([{ ...TEN_OF_42, held: 8 }]);
      expect(await store.transact((tx) => tx.orderState('o2'))).toBeUndefined();
    });

    it('sells what is held', async () => {
      await seedTenOf42();
      await hold('o1', 3);
      await store.transact((tx) => tx.sell('o1'));
      expect(await stockOf(42)).toEqual([{ ...TEN_OF_42, onHand: 7, sold: 3 }]);
      expect(await store.transact((tx) => tx.heldLines('o1'))).toEqual([]);
      expect(await store.transact((tx) => tx.holdsOn([42], 10))).toEqual([]);
    });

    it('puts held copies back, once', async () => {
      await seedTenOf42();
      await hold('o1', 3);
      await store.transact((tx) => tx.unhold('o1'));
      await store.transact((tx) => tx.unhold('o1'));
      expect(await stockOf(42)).toEqual([TEN_OF_42]);
    });

    it('takes sold copies back, once', async () => {
      await seedTenOf42();
      await hold('o1', 3);
      await store.transact((tx) => tx.sell('o1'));
      await store.transact((tx) => tx.takeBack('o1'));
      await store.transact((tx) => tx.takeBack('o1'));
      expect(await stockOf(42)).toEqual([TEN_OF_42]);
    });

    it('locks the books that exist, in order of id', async () => {
      await store.seed(CATALOGUE);
      const books = await store.transact((tx) => tx.lockBooks([42, 999_999, 7]));
      expect(books.map((book) => book.id)).toEqual([7, 42]);
    });

    it('finds a book by id, ISBN or title, and nothing for what it does not have', async () => {
      await store.seed(CATALOGUE);
      const { isbn, title } = HITCHHIKER;
      for (const key of [{ id: 42 }, { isbn }, { title }]) {
        expect((await store.transact((tx) => tx.findBook(key)))?.id).toBe(42);
      }
      expect(await store.transact((tx) => tx.findBook({ title: 'The' }))).toBeUndefined();
    });

    it('searches title, author and ISBN without regard to case, page by page', async () => {
      await store.seed(CATALOGUE);
      const search = (text: string, limit = 500, offset = 0) =>
        store.transact((tx) => tx.listBooks({ search: text, limit, offset }));
      expect((await search('HITCHHIKER')).books.map((book) => book.id)).toEqual([42]);
      expect((await search('80345391803')).books.map((book) => book.id)).toEqual([42]);
      expect((await search('GÖDEL')).total).toBe(1);
      expect((await search('100%')).total).toBe(0);
      const adams = await search('douglas adams');
      expect(adams.total).toBeGreaterThan(2);
      const second = await search('douglas adams', 1, 1);
      expect(second).toEqual({ books: [adams.books[1]], total: adams.total });
    });

    it('adds books above the catalogue, in the order given', async () => {
      await seedTenOf42();
      const book = { title: 'T', author: 'A', priceCents: 5, copies: 3 };
      const first = await store.transact((tx) => tx.addBooks([book, { ...book, title: 'U' }]));
      const second = await store.transact((tx) => tx.addBooks([book]));
      expect(first).toEqual([FIRST_ADDED_ID, FIRST_ADDED_ID + 1]);
      expect(second).toEqual([FIRST_ADDED_ID + 2]);
      const added = await store.transact((tx) => tx.findBook({ id: FIRST_ADDED_ID + 1 }));
      expect(added).toMatchObject({ title: 'U', priceCents: 5, available: 3 });
    });

    it('keeps the last state of an order', async () => {
      await store.transact((tx) => tx.setOrderState('o1', 'released'));
      expect(await store.transact((tx) => tx.orderState('o1'))).toBe('released');
      expect(await store.transact((tx) => tx.orderState('o2'))).toBeUndefined();
    });

    it('keeps the answer to a message with the effect, or neither', async () => {
      const reply = { type: 'inventory.released', version: 1, body: { orderId: 'o1' } };
      await store.transact((tx) => tx.saveReply('m1', 'o1', reply));
      const failed = store.transact(
        (tx) => tx.saveReply('m2', 'o1', reply),
        () => {
          throw new Error('before the commit');
        },
      );
      await expect(failed).rejects.toThrow('before the commit');
      expect(await store.transact((tx) => tx.findReply('m1'))).toEqual(reply);
      expect(await store.transact((tx) => tx.findReply('m2'))).toBeUndefined();
    });
  });
}
