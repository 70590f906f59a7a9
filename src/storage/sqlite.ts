/** SQLite for a service of its own: WAL, synced on every commit, migrated when opened. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';

import Database from 'better-sqlite3';

import type { Clock } from '../kernel/clock.ts';
import { UserError } from '../kernel/errors.ts';
import type { TransactionRunner } from './group-commit.ts';
import { pendingMigrations, type Migration } from './migration.ts';

export type SqliteDatabase = Database.Database;

export interface OpenSqliteOptions {
  /** Created with its folder when absent. */
  readonly file: string;
  readonly migrations: readonly Migration[];
  readonly clock: Clock;
}

/**
 * Opens for writing and brings the schema up to date. `synchronous=FULL`: a commit survives power loss.
 * @throws UserError `state-version` when the file was written by a newer program, `environment` when it is
 * damaged, locked, or cannot be written.
 */
export function openSqlite({ file, migrations, clock }: OpenSqliteOptions): SqliteDatabase {
  mkdirSync(path.dirname(file), { recursive: true });
  const database = connect(file);
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    migrate(database, migrations, { clock, file });
    // From here on nobody may stand still in a system call: transactions wait by themselves.
    database.pragma('busy_timeout = 0');
    return database;
  } catch (error) {
    database.close();
    throw unusable(file, error);
  }
}

function connect(file: string): SqliteDatabase {
  try {
    return new Database(file, { timeout: 5_000 });
  } catch (error) {
    throw unusable(file, error);
  }
}

/** What SQLite says of the file, for a person; anything else stays what it is. */
function unusable(file: string, error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  return new UserError('environment', `${file} cannot be used: ${error.message}`, {
    hint: 'See that the disk has room and the file is writable; `wonderland reset` starts over without the data.',
    cause: error,
  });
}

/** Opens an existing file for reading only; undefined when there is none yet. */
export function openSqliteReader(file: string): SqliteDatabase | undefined {
  try {
    return new Database(file, { readonly: true, fileMustExist: true, timeout: 5_000 });
  } catch {
    return undefined;
  }
}

function migrate(
  database: SqliteDatabase,
  migrations: readonly Migration[],
  { clock, file }: { clock: Clock; file: string },
): void {
  const run = database.transaction(() => {
    database.exec(
      `CREATE TABLE IF NOT EXISTS migration (
         version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`,
    );
    const applied = database
      .prepare<[], { version: number }>(
        'SELECT coalesce(max(version), 0) AS version FROM migration',
      )
      .get();
    const record = database.prepare('INSERT INTO migration VALUES (?, ?, ?)');
    for (const each of pendingMigrations(migrations, applied?.version ?? 0, file)) {
      database.exec(each.sql);
      record.run(each.version, each.name, clock.now());
    }
  });
  run.immediate();
}

/**
 * One transaction at a time on a connection that nobody else writes through. Works may be async only in
 * form: they must not wait for anything but this database, or others would read inside the transaction.
 */
export function sqliteTransactions<Tx>(
  database: SqliteDatabase,
  tx: Tx,
  clock: Clock,
): TransactionRunner<Tx> {
  const begin = beginnerOf(database, clock);
  return {
    async run(body) {
      await begin();
      try {
        const value = await body(tx);
        database.exec('COMMIT');
        return value;
      } catch (error) {
        // A full disk has rolled back already.
        if (database.inTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
  };
}

/** Shorter than the patience of whoever asks for a sign of life. */
const LOCK_PATIENCE_MS = 500;
const LOCK_POLL_MS = 10;

/**
 * Begins, and waits for another program's lock without standing in this one's way. Who came too late once
 * is not waited for again until it has let go: works behind would pay for the patience of each other.
 */
function beginnerOf(database: SqliteDatabase, clock: Clock): () => Promise<void> {
  let patienceMs = LOCK_PATIENCE_MS;
  return async () => {
    const giveUpAt = clock.elapsed() + patienceMs;
    for (;;) {
      try {
        database.exec('BEGIN IMMEDIATE');
        patienceMs = LOCK_PATIENCE_MS;
        return;
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (clock.elapsed() >= giveUpAt) {
          patienceMs = 0;
          throw error;
        }
      }
      await clock.sleep(LOCK_POLL_MS);
    }
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}
