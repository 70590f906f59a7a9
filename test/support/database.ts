/** The PostgreSQL of integration tests: each test works in schemas of its own namespace. */
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
