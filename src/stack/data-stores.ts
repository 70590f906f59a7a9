/** Where inventory and payment keep their data: one of each in files, several in PostgreSQL; never both. */
import { existsSync } from 'node:fs';
import path from 'node:path';

import type { Settings } from '../config/settings.ts';
import { UserError } from '../kernel/errors.ts';
import type { Scale } from './instances.ts';
import type { StackFiles } from './stack-files.ts';
import type { StackRecord } from './stack-record.ts';

/** Services whose data lies in a file unless there is more than one of them. */
const WITH_FILE = ['inventory', 'payment'] as const;
type WithFile = (typeof WITH_FILE)[number];

export interface DataStores {
  readonly inventoryUrl?: string;
  readonly paymentUrl?: string;
}

export interface DataStoreOptions {
  readonly files: StackFiles;
  readonly settings: Pick<Settings, 'inventoryUrl' | 'paymentUrl'>;
  /** Servers of others: the settings may name databases there. */
  readonly isExternal: boolean;
  /** What the stack was before. */
  readonly stored: StackRecord | undefined;
  readonly scale: Scale;
  readonly databaseUrl: string;
}

/**
 * URLs of those that use PostgreSQL. Data that was once there stays there, whatever the scale.
 * @throws UserError `invalid-config` when the data lies in a file already: an empty shop would come up.
 */
export function chooseDataStores(options: DataStoreOptions): DataStores {
  const chosen = WITH_FILE.map((service) => [`${service}Url`, urlOf(service, options)] as const);
  return Object.fromEntries(chosen.filter(([, url]) => url !== undefined));
}

function urlOf(service: WithFile, options: DataStoreOptions): string | undefined {
  const { files, settings, isExternal, stored, scale, databaseUrl } = options;
  const given = isExternal ? settings[`${service}Url`] : undefined;
  const wasThere = stored?.endpoints[`${service}Url`] !== undefined;
  const isMany = (scale[service] ?? 1) > 1;
  if (given === undefined && !wasThere && !isMany) return undefined;
  if (!wasThere && existsSync(path.join(files.data, `${service}.db`))) {
    throw inFile(service, files.name, given !== undefined);
  }
  return given ?? databaseUrl;
}

function inFile(service: WithFile, stack: string, isGiven: boolean): UserError {
  const cause = isGiven ? `WONDERLAND_${service.toUpperCase()}_URL` : `more than one ${service}`;
  return new UserError(
    'invalid-config',
    `The ${service} of the stack "${stack}" has its data in a file; ${cause} needs it in PostgreSQL`,
    {
      hint:
        `Use another stack (\`wonderland up --stack NAME --scale ${service}=2\`), remove the data ` +
        `(\`wonderland reset\`), or go on with one ${service}.`,
      details: { service, stack },
    },
  );
}
