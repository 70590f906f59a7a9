/** Group commit: works that wait for the same database share one transaction, one sync, one price. */
import { Batcher } from '../kernel/batcher.ts';
import { blamed, isTrouble } from './database-trouble.ts';

/** Most works in one transaction. */
const BATCH_LIMIT = 100;

/** A database that can run one transaction at a time on behalf of the group. */
export interface TransactionRunner<Tx> {
  /** Begins, runs, commits; rolls back and throws what `body` threw. */
  run<T>(body: (tx: Tx) => Promise<T>): Promise<T>;
}

/** What is called when all is written and nothing committed; a throw rolls back, a promise keeps the transaction open. */
export type BeforeCommit = () => void | Promise<void>;

interface Submitted<Tx> {
  readonly work: (tx: Tx) => Promise<unknown>;
  readonly beforeCommit: BeforeCommit | undefined;
}

type Settled =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

/**
 * Works run one after another in the order they came. When one of a group throws, the group is rolled
 * back and each runs alone, so that only the culprit fails: a work may therefore run twice. When the
 * database itself is in trouble all of the group fail at once, with `database-unreachable`.
 */
export class GroupCommit<Tx> {
  readonly #runner: TransactionRunner<Tx>;
  readonly #batcher: Batcher<Submitted<Tx>, Settled>;

  constructor(runner: TransactionRunner<Tx>) {
    this.#runner = runner;
    this.#batcher = new Batcher({ limit: BATCH_LIMIT, run: (items) => this.#runGroup(items) });
  }

  /** Resolves with the work's value once it is durable. */
  async transact<T>(work: (tx: Tx) => Promise<T>, beforeCommit?: BeforeCommit): Promise<T> {
    const settled = await this.#batcher.submit({ work, beforeCommit });
    if (!settled.ok) throw settled.error;
    return settled.value as T;
  }

  /** Resolves when nothing is waiting or running. */
  idle(): Promise<void> {
    return this.#batcher.idle();
  }

  async #runGroup(items: readonly Submitted<Tx>[]): Promise<readonly Settled[]> {
    if (items.length > 1) {
      try {
        const values = await this.#runner.run((tx) => runAll(items, tx));
        return values.map((value) => ({ ok: true, value }));
      } catch (failure) {
        const error = blamed(failure);
        if (isTrouble(error)) return items.map(() => ({ ok: false, error }));
        // Someone in the group failed; alone, only that one does.
      }
    }
    const settled: Settled[] = [];
    for (const item of items) settled.push(await this.#runAlone(item));
    return settled;
  }

  async #runAlone(item: Submitted<Tx>): Promise<Settled> {
    try {
      const [value] = await this.#runner.run((tx) => runAll([item], tx));
      return { ok: true, value };
    } catch (error) {
      return { ok: false, error: blamed(error) };
    }
  }
}

async function runAll<Tx>(items: readonly Submitted<Tx>[], tx: Tx): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const { work } of items) values.push(await work(tx));
  for (const { beforeCommit } of items) {
    // Without a fault there is nothing to wait for, not even a turn of the loop.
    const wait = beforeCommit?.();
    if (wait !== undefined) await wait;
  }
  return values;
}
