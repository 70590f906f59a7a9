/** The PostgreSQL of integration tests: each test works in schemas of its own namespace. */
import { readSettings, type Settings } from '../../src/config/settings.ts';
import { dropSchemas, schemaOf } from '../../src/storage/postgres.ts';

/** `WONDERLAND_DATABASE_URL` points the suite at another server. */
export const TEST_DATABASE_URL =
  readSettings().databaseUrl ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** Removes what the owners (`customer`, `mediator`) wrote under the namespace of these settings. */
export function dropTestSchemas(settings: Settings, owners: readonly string[]): Promise<void> {
  return dropSchemas(
    TEST_DATABASE_URL,
    owners.map((owner) => schemaOf(settings.namespace, owner)),
  );
}
