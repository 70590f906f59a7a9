import { describe, expect, test } from 'vitest';

import { Batcher } from './batcher.ts';

const doubling = (limit = 100) => {
  const batches: number[][] = [];
  const batcher = new Batcher<number, number>({
    limit,
    run: async (items) => {
      batches.push([...items]);
      await Promise.resolve();
      return items.map((each) => each * 2);
    },
  });
  return { batcher, batches };
};

describe('a batcher', () => {
  test('gives each item its own result, and items of one moment one batch', async () => {
    const { batcher, batches } = doubling();
    expect(await Promise.all([1, 2, 3].map((each) => batcher.submit(each)))).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  test('makes what arrives while a batch runs the next batch', async () => {
    const { batcher, batches } = doubling();
    const first = batcher.submit(1);
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([first, batcher.submit(2), batcher.submit(3)]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  test('never exceeds its limit', async () => {
    const { batcher, batches } = doubling(2);
    await Promise.all([1, 2, 3, 4, 5].map((each) => batcher.submit(each)));
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  test('fails the items of a failed batch, and goes on with the next', async () => {
    let runs = 0;
    const batcher = new Batcher<number, number>({
      limit: 1,
      run: (items) => (++runs === 1 ? Promise.reject(new Error('once')) : Promise.resolve(items)),
    });
    const [failed, done] = await Promise.allSettled([batcher.submit(1), batcher.submit(2)]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'once' } });
    expect(done).toEqual({ status: 'fulfilled', value: 2 });
  });

  test('is idle only when nothing waits or runs', async () => {
    const { batcher, batches } = doubling();
    void batcher.submit(1);
    await batcher.idle();
    expect(batches).toEqual([[1]]);
    expect(batcher.depth).toBe(0);
  });
});
