import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { liveClock } from '../../src/kernel/live.ts';
import { MIGRATIONS } from '../../src/services/payment/migrations.ts';
import { SqlitePaymentStore } from '../../src/services/payment/sqlite-store.ts';
import type { PaymentStore } from '../../src/services/payment/store.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { describePaymentStore } from './payment-store.ts';

describePaymentStore('SQLite', async (): Promise<PaymentStore> => {
  const directory = await mkdtemp(path.join(tmpdir(), 'wonderland-payment-'));
  const file = path.join(directory, 'payment.db');
  const store = new SqlitePaymentStore(
    openSqlite({ file, migrations: MIGRATIONS, clock: liveClock }),
    liveClock,
  );
  return {
    provider: store.provider,
    transact: (work, beforeCommit) => store.transact(work, beforeCommit),
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
});
