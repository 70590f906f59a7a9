import { describe, expect, test } from 'vitest';

import { GroupCommit, type TransactionRunner } from './group-commit.ts';

/** A database of one number that keeps what was committed and counts transactions. */
class Counter implements TransactionRunner<{ add: (n: number) => void }> {
  committed = 0;
  transactions = 0;

  async run<T>(body: (tx: { add: (n: number) => void }) => Promise<T>): Promise<T> {
    this.transactions++;
    let draft = this.committed;
    const value = await body({ add: (n) => (draft += n) });
    this.committed = draft;
    return value;
  }
}

const adding = (n: number) => async (tx: { add: (n: number) => void }) => {
  tx.add(n);
  await Promise.resolve();
  return n;
};

describe('group commit', () => {
  test('runs works that wait together in one transaction, each with its own value', async () => {
    const counter = new Counter();
    const group = new GroupCommit(counter);
    expect(await Promise.all([1, 2, 3].map((n) => group.transact(adding(n))))).toEqual([1, 2, 3]);
    expect(counter).toMatchObject({ committed: 6, transactions: 1 });
  });

  test('fails only the work that throws; the others of its group are committed', async () => {
    const counter = new Counter();
    const group = new GroupCommit(counter);
    const bad = group.transact(() => Promise.reject(new Error('no')));
    const results = await Promise.allSettled([
      group.transact(adding(1)),
      bad,
      group.transact(adding(2)),
    ]);
    expect(results.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(counter.committed).toBe(3);
  });

  test('a work whose last check before the commit throws leaves nothing', async () => {
    const counter = new Counter();
    const group = new GroupCommit(counter);
    const refuse = (): void => {
      throw new Error('not now');
    };
    await expect(group.transact(adding(5), refuse)).rejects.toThrow('not now');
    expect(counter.committed).toBe(0);
  });

  test('a database in trouble fails the whole group at once, and is asked only once', async () => {
    let asked = 0;
    const full: TransactionRunner<undefined> = {
      async run() {
        asked++;
        throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
      },
    };
    const group = new GroupCommit(full);
    const results = await Promise.allSettled(
      [1, 2, 3].map(() => group.transact(() => Promise.resolve())),
    );
    const away = { code: 'database-unreachable', message: 'the disk is full' };
    expect(results).toEqual(
      [1, 2, 3].map(() => ({ status: 'rejected', reason: expect.objectContaining(away) })),
    );
    expect(asked).toBe(1);
  });
});
