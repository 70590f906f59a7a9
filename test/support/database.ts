/** The PostgreSQL of integration tests: each test works in schemas of its own namespace. */
import pg from 'pg';
import { inject } from 'vitest';

import type { Settings } from '../../src/config/settings.ts';
import { dropSchemas, schemaOf } from '../../src/storage/postgres.ts';

/** The PostgreSQL of this run: see servers.ts. */
export const TEST_DATABASE_URL = inject('databaseUrl');

/** Removes what the owners (`customer`, `mediator`) wrote under the namespace of these settings. */
export function dropTestSchemas(settings: Settings, owners: readonly string[]): Promise<void> {
  return dropSchemas(
    TEST_DATABASE_URL,
    owners.map((owner) => schemaOf(settings.namespace, owner)),
  );
}

/** What no part of ours would do to an owner's rows: for tests that make time pass, or break things. */
export async function changeRows(settings: Settings, owner: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: TEST_DATABASE_URL });
  await client.connect();
  try {
    await client.query(`SET search_path TO "${schemaOf(settings.namespace, owner)}"`);
    await client.query(sql);
  } finally {
    await client.end();
  }
}
