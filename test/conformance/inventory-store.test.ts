import { liveClock } from '../../src/kernel/live.ts';
import { MIGRATIONS } from '../../src/services/inventory/migrations.ts';
import { openPostgresInventory } from '../../src/services/inventory/postgres/store.ts';
import { SqliteInventoryStore } from '../../src/services/inventory/sqlite-store.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { newSchema, newFile } from '../support/new-database.ts';
import { TEST_DATABASE_URL } from '../support/database.ts';
import { describeInventoryStore } from './inventory-store.ts';

describeInventoryStore('SQLite', () =>
  newFile(
    async (file) =>
      new SqliteInventoryStore(
        openSqlite({ file, migrations: MIGRATIONS, clock: liveClock }),
        liveClock,
      ),
  ),
);

describeInventoryStore('PostgreSQL', () =>
  newSchema('inventory', (namespace) =>
    openPostgresInventory({ url: TEST_DATABASE_URL, namespace, clock: liveClock }),
  ),
);
