/** Payment's store on PostgreSQL: for several payments at once; the shop's and the provider's books apart. */
import type { Pool } from 'pg';

import type { Clock } from '../../../kernel/clock.ts';
import { GroupCommit } from '../../../storage/group-commit.ts';
import { optimisticTransactions } from '../../../storage/optimistic.ts';
import { openPostgres, schemaOf } from '../../../storage/postgres.ts';
import type { PaymentStore, PaymentTx, ProviderStore } from '../store.ts';
import { PostgresLedgerTx } from './ledger-tx.ts';
import { POSTGRES_MIGRATIONS } from './migrations.ts';
import { PostgresProviderTx } from './provider-tx.ts';

/** A stack that is starting may have its database a little later than its services. */
const OPEN_WITHIN_MS = 30_000;

export interface OpenPostgresPaymentOptions {
  readonly url: string;
  readonly namespace: string;
  readonly clock: Clock;
}

/** Opens and migrates the schema. @throws UserError `database-unreachable` or `state-version`. */
export async function openPostgresPayment({
  url,
  namespace,
  clock,
}: OpenPostgresPaymentOptions): Promise<PaymentStore> {
  const pool = await openPostgres({
    url,
    schema: schemaOf(namespace, 'payment'),
    migrations: POSTGRES_MIGRATIONS,
    clock,
    client: 'payment',
    openWithinMs: OPEN_WITHIN_MS,
    variable: 'WONDERLAND_PAYMENT_URL',
  });
  return new PostgresPaymentStore(pool, clock);
}

interface BothBooks {
  readonly shop: PostgresLedgerTx;
  readonly provider: PostgresProviderTx;
  flush(): Promise<void>;
}

class PostgresPaymentStore implements PaymentStore {
  readonly provider: ProviderStore;
  readonly #pool: Pool;
  readonly #group: GroupCommit<BothBooks>;

  constructor(pool: Pool, clock: Clock) {
    const group = new GroupCommit<BothBooks>(
      optimisticTransactions(pool, (client) => {
        const shop = new PostgresLedgerTx(client, clock);
        const provider = new PostgresProviderTx(client);
        const flush = async (): Promise<void> => {
          await provider.flush();
          await shop.flush();
        };
        return { shop, provider, flush };
      }),
    );
    this.#pool = pool;
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
    await this.#pool.end();
  }
}
