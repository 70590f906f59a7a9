/** Versioned migrations: each runs once, in order, when a part starts. */
import { UserError } from '../kernel/errors.ts';

/** A step of a schema's history; a published one is never edited. */
export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  readonly name: string;
  /** One or more statements of the dialect. */
  readonly sql: string;
}

/**
 * The migrations still to run.
 * @throws UserError `state-version` when the database is newer than this program.
 */
export function pendingMigrations(
  migrations: readonly Migration[],
  appliedVersion: number,
  database: string,
): readonly Migration[] {
  const latest = migrations.at(-1)?.version ?? 0;
  if (appliedVersion > latest) {
    throw new UserError(
      'state-version',
      `${database} has version ${appliedVersion}, this program knows only ${latest}`,
      {
        hint: 'Use the newer Wonderland that wrote it, or remove the data with `wonderland reset`.',
      },
    );
  }
  return migrations.filter((each) => each.version > appliedVersion);
}
