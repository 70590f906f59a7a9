/** The inventory's store on PostgreSQL: for several inventories at once. */
import type { Pool } from 'pg';

import type { Clock } from '../../../kernel/clock.ts';
import { GroupCommit } from '../../../storage/group-commit.ts';
import { optimisticTransactions } from '../../../storage/optimistic.ts';
import { inTransaction, openPostgres, schemaOf } from '../../../storage/postgres.ts';
import type { CatalogueBook } from '../catalogue.ts';
import type { InventoryStore, InventoryTx } from '../store.ts';
import { insertBooks, lockNewBooks } from './books.ts';
import { POSTGRES_MIGRATIONS } from './migrations.ts';
import { PostgresInventoryTx } from './tx.ts';

/** A stack that is starting may have its database a little later than its services. */
const OPEN_WITHIN_MS = 30_000;

export interface OpenPostgresInventoryOptions {
  readonly url: string;
  readonly namespace: string;
  readonly clock: Clock;
}

/** Opens and migrates the schema. @throws UserError `database-unreachable` or `state-version`. */
export async function openPostgresInventory({
  url,
  namespace,
  clock,
}: OpenPostgresInventoryOptions): Promise<InventoryStore> {
  return new PostgresInventoryStore(
    await openPostgres({
      url,
      schema: schemaOf(namespace, 'inventory'),
      migrations: POSTGRES_MIGRATIONS,
      clock,
      client: 'inventory',
      openWithinMs: OPEN_WITHIN_MS,
      variable: 'WONDERLAND_INVENTORY_URL',
    }),
  );
}

class PostgresInventoryStore implements InventoryStore {
  readonly #pool: Pool;
  readonly #group: GroupCommit<InventoryTx>;

  constructor(pool: Pool) {
    this.#pool = pool;
    this.#group = new GroupCommit<InventoryTx>(
      optimisticTransactions(pool, (client) => new PostgresInventoryTx(client)),
    );
  }

  transact<T>(
    work: (tx: InventoryTx) => Promise<T>,
    beforeCommit?: () => void | Promise<void>,
  ): Promise<T> {
    return this.#group.transact(work, beforeCommit);
  }

  /** Of several that open a new shop at once, one fills it. */
  seed(catalogue: readonly CatalogueBook[]): Promise<void> {
    return inTransaction(this.#pool, async (client) => {
      await lockNewBooks(client);
      const { rowCount } = await client.query('SELECT 1 FROM book LIMIT 1');
      if (rowCount === 0) await insertBooks(client, catalogue);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#group.idle();
    await this.#pool.end();
  }
}
