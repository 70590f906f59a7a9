import { expect, test } from 'vitest';

import { BOOK } from '../../../test/support/seen-run.ts';
import type { SeenBook } from '../judge/observations.ts';
import { StockWatch } from './stock-watch.ts';

/** A watch whose timer is rung by hand. */
function openWatch(look: () => Promise<readonly SeenBook[]>) {
  let ring = (): void => undefined;
  const told: Array<readonly SeenBook[]> = [];
  const watch = new StockWatch({
    after: (_delayMs, callback) => {
      ring = callback;
      return { cancel: () => (ring = () => undefined) };
    },
    elapsed: () => 7,
    look,
    onLook: (books) => told.push(books),
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    watch,
    told,
    tick: async (): Promise<void> => {
      ring();
      await settle();
    },
  };
}

test('a moment below zero is kept, with its time, although it passes', async () => {
  const moments = [{ ...BOOK, onHand: -1, sold: 11 }, BOOK];
  const { watch, tick } = openWatch(async () => [moments.shift() ?? BOOK]);
  await tick();
  await tick();
  expect(watch.breaches).toMatchObject([
    { atMs: 7, problem: 'book 42 is below zero: -1 free + 0 held + 11 sold of 10' },
  ]);
});

test('the same breach is told once', async () => {
  const { watch, tick } = openWatch(async () => [{ ...BOOK, onHand: 7 }]);
  await tick();
  await tick();
  expect(watch.breaches).toHaveLength(1);
});

test('an inventory that does not answer is asked again', async () => {
  let asked = 0;
  const { watch, tick } = openWatch(() => {
    asked++;
    return Promise.reject(new Error('away'));
  });
  await tick();
  await tick();
  expect(asked).toBe(2);
  expect(watch.breaches).toEqual([]);
});

test('nobody is asked after it was closed', async () => {
  let asked = 0;
  const { watch, tick } = openWatch(async () => {
    asked++;
    return [];
  });
  await watch[Symbol.asyncDispose]();
  await tick();
  expect(asked).toBe(0);
});

test('the books are told at each look, and not when nobody answered', async () => {
  const answers = [[BOOK], undefined, []];
  const { told, tick } = openWatch(async () => {
    const books = answers.shift();
    if (books === undefined) throw new Error('away');
    return books;
  });
  await tick();
  await tick();
  await tick();
  expect(told).toEqual([[BOOK], []]);
});
