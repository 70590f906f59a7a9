import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { liveClock } from '../../src/kernel/live.ts';
import { MIGRATIONS } from '../../src/services/inventory/migrations.ts';
import { SqliteInventoryStore } from '../../src/services/inventory/sqlite-store.ts';
import type { InventoryStore } from '../../src/services/inventory/store.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { describeInventoryStore } from './inventory-store.ts';

describeInventoryStore('SQLite', async (): Promise<InventoryStore> => {
  const directory = await mkdtemp(path.join(tmpdir(), 'wonderland-inventory-'));
  const store = new SqliteInventoryStore(
    openSqlite({
      file: path.join(directory, 'inventory.db'),
      migrations: MIGRATIONS,
      clock: liveClock,
    }),
  );
  return {
    transact: (work, beforeCommit) => store.transact(work, beforeCommit),
    seed: (catalogue) => store.seed(catalogue),
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
});
