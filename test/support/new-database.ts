/** A database for one test, opened as often as it wants, and removed afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ClosingStack } from '../../src/kernel/closing.ts';
import { liveIds } from '../../src/kernel/live.ts';
import { dropSchemas, schemaOf } from '../../src/storage/postgres.ts';
import { TEST_DATABASE_URL } from './database.ts';

export interface NewDatabase<Store> extends AsyncDisposable {
  /** A store on it, as a process of its own would open it. */
  open(): Promise<Store>;
}

/** A SQLite file in a folder of its own. */
export async function newFile<Store extends AsyncDisposable>(
  open: (file: string) => Promise<Store>,
): Promise<NewDatabase<Store>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'wonderland-store-'));
  return newDatabase(
    () => open(path.join(folder, 'store.db')),
    () => rm(folder, { recursive: true }),
  );
}

/** A PostgreSQL schema in a namespace of its own. */
export async function newSchema<Store extends AsyncDisposable>(
  owner: string,
  open: (namespace: string) => Promise<Store>,
): Promise<NewDatabase<Store>> {
  const namespace = `t${liveIds.hex(8)}`;
  return newDatabase(
    () => open(namespace),
    () => dropSchemas(TEST_DATABASE_URL, [schemaOf(namespace, owner)]),
  );
}

function newDatabase<Store extends AsyncDisposable>(
  open: () => Promise<Store>,
  remove: () => Promise<void>,
): NewDatabase<Store> {
  const closing = new ClosingStack();
  closing.defer(remove);
  return {
    open: async () => closing.use(await open()),
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}
