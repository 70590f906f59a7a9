/** The customer service's database: many commands share one PostgreSQL transaction. */
import type { Clock } from '../../kernel/clock.ts';
import type { ParticipantStore } from '../../messaging/participant.ts';
import { GroupCommit } from '../../storage/group-commit.ts';
import { inTransaction, openPostgres, schemaOf } from '../../storage/postgres.ts';
import { DEMO_CUSTOMERS } from './demo-customers.ts';
import { MIGRATIONS } from './migrations.ts';
import { CustomerTx } from './transaction.ts';

/** A stack that is starting may have its database a little later than its services. */
const OPEN_WITHIN_MS = 30_000;

export type CustomerStore = ParticipantStore<CustomerTx> & AsyncDisposable;

export interface OpenCustomerStoreOptions {
  readonly url: string;
  readonly namespace: string;
  readonly clock: Clock;
}

/**
 * Opens and migrates the schema, and makes sure that the demo customers exist.
 * @throws UserError `database-unreachable` or `state-version`.
 */
export async function openCustomerStore(options: OpenCustomerStoreOptions): Promise<CustomerStore> {
  const pool = await openPostgres({
    url: options.url,
    schema: schemaOf(options.namespace, 'customer'),
    migrations: MIGRATIONS,
    clock: options.clock,
    client: 'customer',
    openWithinMs: OPEN_WITHIN_MS,
  });
  const group = new GroupCommit<CustomerTx>({
    run: (body) =>
      inTransaction(pool, async (client) => {
        const tx = new CustomerTx(client);
        const value = await body(tx);
        await tx.flush();
        return value;
      }),
  });
  const close = async (): Promise<void> => {
    await group.idle();
    await pool.end();
  };
  try {
    await group.transact((tx) => tx.register(DEMO_CUSTOMERS));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    transact: (work, beforeCommit) => group.transact(work, beforeCommit),
    [Symbol.asyncDispose]: close,
  };
}
