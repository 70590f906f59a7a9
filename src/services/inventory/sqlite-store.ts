/** The inventory's store on SQLite: one writer, group commit, prepared statements. */
import type { Clock } from '../../kernel/clock.ts';
import { GroupCommit } from '../../storage/group-commit.ts';
import { sqliteTransactions, type SqliteDatabase } from '../../storage/sqlite.ts';
import type { CatalogueBook } from './catalogue.ts';
import { SqliteInventoryTx } from './sqlite-tx.ts';
import type { InventoryStore, InventoryTx } from './store.ts';

export class SqliteInventoryStore implements InventoryStore {
  readonly #database: SqliteDatabase;
  readonly #tx: SqliteInventoryTx;
  readonly #group: GroupCommit<InventoryTx>;

  /** Takes over the database: disposing closes it. */
  constructor(database: SqliteDatabase, clock: Clock) {
    this.#database = database;
    this.#tx = new SqliteInventoryTx(database);
    this.#group = new GroupCommit<InventoryTx>(sqliteTransactions(database, this.#tx, clock));
  }

  transact<T>(
    work: (tx: InventoryTx) => Promise<T>,
    beforeCommit?: () => void | Promise<void>,
  ): Promise<T> {
    return this.#group.transact(work, beforeCommit);
  }

  async seed(catalogue: readonly CatalogueBook[]): Promise<void> {
    await this.transact(async () => {
      if (this.#tx.isEmpty()) this.#tx.insertBooks(catalogue);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#group.idle();
    this.#database.close();
  }
}
