/** Payment's store on SQLite: one writer, group commit; the shop's and the provider's statements apart. */
import type { Clock } from '../../kernel/clock.ts';
import { GroupCommit } from '../../storage/group-commit.ts';
import { sqliteTransactions, type SqliteDatabase } from '../../storage/sqlite.ts';
import { SqliteLedgerTx } from './sqlite-ledger.ts';
import { SqliteProviderTx } from './sqlite-provider.ts';
import type { PaymentStore, PaymentTx, ProviderStore, ProviderTx } from './store.ts';

interface BothBooks {
  readonly shop: PaymentTx;
  readonly provider: ProviderTx;
}

export class SqlitePaymentStore implements PaymentStore {
  readonly provider: ProviderStore;
  readonly #database: SqliteDatabase;
  readonly #group: GroupCommit<BothBooks>;

  /** Takes over the database: disposing closes it. */
  constructor(database: SqliteDatabase, clock: Clock) {
    const books = {
      shop: new SqliteLedgerTx(database, clock),
      provider: new SqliteProviderTx(database),
    };
    const group = new GroupCommit<BothBooks>(sqliteTransactions(database, books, clock));
    this.#database = database;
    this.#group = group;
    this.provider = { transact: (work) => group.transact((tx) => work(tx.provider)) };
  }

  transact<T>(
    work: (tx: PaymentTx) => Promise<T>,
    beforeCommit?: () => void | Promise<void>,
  ): Promise<T> {
    return this.#group.transact((tx) => work(tx.shop), beforeCommit);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#group.idle();
    this.#database.close();
  }
}
