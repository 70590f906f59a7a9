/**
 * Transactions of several processes on one PostgreSQL without a queue at its door: works read without
 * locks, their writes are gathered, and every write checks at the end that what was read still holds.
 */
import type { Pool, PoolClient } from 'pg';

import type { TransactionRunner } from './group-commit.ts';
import { inTransaction } from './postgres.ts';

/** Another process changed what a work had read; nothing was written, and the works run again. */
export class LostRaceError extends Error {
  constructor(what: string) {
    super(`another process was faster with ${what}`);
    this.name = 'LostRaceError';
  }
}

/** What was gathered is written by `flush`, in an order that is the same in every process. */
export interface GatheringTx {
  /** @throws LostRaceError */
  flush(): Promise<void>;
}

/** Somebody wins every race, so that many lost in a row mean that something else is wrong. */
const TRIES = 10;
/** PostgreSQL ended a circle of transactions that waited for each other, or refused to serialise them. */
const RETRYABLE: readonly unknown[] = ['40P01', '40001'];

/** Runs the works again when they lost a race. @throws LostRaceError when they always do */
export function optimisticTransactions<Tx extends GatheringTx>(
  pool: Pool,
  txOf: (client: PoolClient) => Tx,
): TransactionRunner<Tx> {
  return {
    async run(body) {
      for (let tries = 1; ; tries++) {
        try {
          return await inTransaction(pool, async (client) => {
            const tx = txOf(client);
            const value = await body(tx);
            await tx.flush();
            return value;
          });
        } catch (error) {
          if (tries >= TRIES || !isLostRace(error)) throw error;
        }
      }
    },
  };
}

function isLostRace(error: unknown): boolean {
  if (error instanceof LostRaceError) return true;
  return error instanceof Error && 'code' in error && RETRYABLE.includes(error.code);
}
