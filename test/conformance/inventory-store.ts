/** What every inventory store must do, whatever database is below. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { CATALOGUE, FIRST_ADDED_ID } from '../../src/services/inventory/catalogue.ts';
import type { InventoryStore, InventoryTx } from '../../src/services/inventory/store.ts';
import type { NewDatabase } from '../support/new-database.ts';

const TEN_OF_42 = { id: 42, initial: 10, onHand: 10, held: 0, sold: 0 };
const HITCHHIKER = {
  id: 42,
  isbn: '9780345391803',
  title: "The Hitchhiker's Guide to the Galaxy",
  author: 'Douglas Adams',
  publisher: 'Del Rey',
  priceCents: 3_900,
};

/** Registers the suite. */
export function describeInventoryStore(
  name: string,
  newDatabase: () => Promise<NewDatabase<InventoryStore>>,
): void {
  describe(`the inventory store on ${name}`, () => {
    let database: NewDatabase<InventoryStore>;
    let store: InventoryStore;
    beforeEach(async () => {
      database = await newDatabase();
      store = await database.open();
    });
    afterEach(() => database[Symbol.asyncDispose]());

    const shelf = (...ids: number[]) => store.transact((tx) => tx.audit(ids, 1_000));
    const stockOf = async (...ids: number[]) => (await shelf(...ids)).books;
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
      expect((await shelf(42)).holds).toEqual([{ orderId: 'o1', bookId: 42, quantity: 3 }]);
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
      expect((await shelf(42)).holds).toEqual([]);
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

    describe('opened twice', () => {
      let stores: readonly InventoryStore[];
      beforeEach(async () => {
        stores = [store, await database.open()];
      });

      /** Both stores at once, many times. */
      const everywhere = <T>(
        times: number,
        run: (each: InventoryStore, index: number) => Promise<T>,
      ) =>
        Promise.all(
          Array.from({ length: times }, (_, index) =>
            Promise.all(stores.map((each) => run(each, index))),
          ),
        );

      it('fills an empty shop once', async () => {
        await everywhere(1, (each) => each.seed(CATALOGUE));
        const page = await store.transact((tx) => tx.listBooks({ limit: 500, offset: 0 }));
        expect(page.total).toBe(CATALOGUE.length);
      });

      it('gives the last copies to as many orders as there are copies', async () => {
        await seedTenOf42();
        const answers = await everywhere(30, (each, index) =>
          each.transact((tx) => reserve(tx, `o${index}-${stores.indexOf(each)}`, [42])),
        );
        expect(answers.flat().filter((answer) => answer === 'held')).toHaveLength(10);
        const { books, holds } = await shelf(42);
        expect(books).toEqual([{ ...TEN_OF_42, held: 10 }]);
        expect(holds).toHaveLength(10);
      });

      it('carries out a message that both get at once in one of them, and answers it alike', async () => {
        await store.seed([{ ...HITCHHIKER, stock: 100 }]);
        const answers = await everywhere(30, (each, index) =>
          each.transact(async (tx) => {
            const known = await tx.findReply(`m${index}`);
            if (known !== undefined) return known;
            const answer = {
              type: await reserve(tx, `o${index}`, [42]),
              version: 1,
              body: { z: stores.indexOf(each), a: index },
            };
            await tx.saveReply(`m${index}`, `o${index}`, answer);
            return answer;
          }),
        );
        for (const [one, other] of answers) expect(JSON.stringify(one)).toBe(JSON.stringify(other));
        expect(new Set(answers.map(([one]) => one?.type))).toEqual(new Set(['held']));
        expect((await shelf(42)).books[0]).toMatchObject({ held: 30 });
      });

      it('puts back once what both release at once', async () => {
        await store.seed([{ ...HITCHHIKER, stock: 100 }]);
        await everywhere(10, (each, index) =>
          each.transact((tx) => reserve(tx, `o${index}-${stores.indexOf(each)}`, [42])),
        );
        await everywhere(20, (each, index) =>
          each.transact((tx) => release(tx, `o${index % 10}-${index % 2}`)),
        );
        const { books, holds } = await shelf(42);
        expect(books[0]).toMatchObject({ held: 10, onHand: 100 });
        expect(holds).toHaveLength(10);
      });

      it('does not stand still when orders want the same books in another order', async () => {
        await store.seed(CATALOGUE);
        const answers = await everywhere(15, (each, index) =>
          each.transact((tx) => {
            const turned = stores.indexOf(each) === 0 ? [1, 2, 3] : [3, 2, 1];
            return reserve(tx, `o${index}-${turned[0]}`, turned);
          }),
        );
        const held = answers.flat().filter((answer) => answer === 'held').length;
        const { books } = await shelf(1, 2, 3);
        expect(books.map((book) => book.held)).toEqual([held, held, held]);
        expect(held).toBeGreaterThan(0);
      });

      it('never shows a book without its holds, whatever the other one does', async () => {
        await store.seed([{ ...HITCHHIKER, stock: 1_000 }]);
        const [writer, reader] = stores;
        const writing = Array.from({ length: 200 }, (_, index) =>
          writer?.transact((tx) => reserve(tx, `o${index}`, [42])),
        );
        for (let held = 0; held < 200;) {
          const seen = await reader?.transact((tx) => tx.audit([42], 1_000));
          held = seen?.holds.length ?? 0;
          expect(seen?.books[0]?.held).toBe(held);
        }
        await Promise.all(writing);
        expect((await shelf(42)).books[0]).toMatchObject({ held: 200 });
      });

      it('numbers the books that both add without using a number twice', async () => {
        await seedTenOf42();
        const book = { title: 'T', author: 'A', priceCents: 5, copies: 3 };
        const ids = await everywhere(10, (each) => each.transact((tx) => tx.addBooks([book])));
        expect(new Set(ids.flat(2)).size).toBe(20);
      });
    });
  });
}

async function release(tx: InventoryTx, orderId: string): Promise<void> {
  const state = await tx.orderState(orderId);
  await tx.setOrderState(orderId, 'released');
  if (state === 'held') await tx.unhold(orderId);
}

/** As the service reserves: state, look, hold. */
async function reserve(
  tx: InventoryTx,
  orderId: string,
  bookIds: readonly number[],
): Promise<'held' | 'refused'> {
  if ((await tx.orderState(orderId)) !== undefined) return 'held';
  const books = await tx.lockBooks(bookIds);
  if (books.some((book) => book.available < 1)) return 'refused';
  await tx.setOrderState(orderId, 'held');
  await tx.hold(
    orderId,
    bookIds.map((bookId) => ({ bookId, quantity: 1 })),
  );
  return 'held';
}
