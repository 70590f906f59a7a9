import { liveClock } from '../../src/kernel/live.ts';
import { MIGRATIONS } from '../../src/services/payment/migrations.ts';
import { openPostgresPayment } from '../../src/services/payment/postgres/store.ts';
import { SqlitePaymentStore } from '../../src/services/payment/sqlite-store.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { TEST_DATABASE_URL } from '../support/database.ts';
import { newFile, newSchema } from '../support/new-database.ts';
import { describePaymentStore } from './payment-store.ts';

describePaymentStore('SQLite', () =>
  newFile(
    async (file) =>
      new SqlitePaymentStore(
        openSqlite({ file, migrations: MIGRATIONS, clock: liveClock }),
        liveClock,
      ),
  ),
);

describePaymentStore('PostgreSQL', () =>
  newSchema('payment', (namespace) =>
    openPostgresPayment({ url: TEST_DATABASE_URL, namespace, clock: liveClock }),
  ),
);
