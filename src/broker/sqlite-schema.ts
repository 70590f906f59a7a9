/** The broker's data file: its tables, its pragmas, its version. */
import Database from 'better-sqlite3';

import { messageOf, UserError } from '../kernel/errors.ts';

const SCHEMA_VERSION = 1;
/** Pages in the log before it is folded back (4 KiB each): rarer checkpoints, fewer long pauses. */
const CHECKPOINT_PAGES = 4_000;

/** A predecessor that is just ending may still hold the file. */
const LOCK_WAIT_MS = 500;

const SCHEMA = `
  CREATE TABLE exchange (
    vhost TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
    auto_delete INTEGER NOT NULL, internal INTEGER NOT NULL, args BLOB NOT NULL,
    PRIMARY KEY (vhost, name)
  ) WITHOUT ROWID;
  CREATE TABLE queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT, vhost TEXT NOT NULL, name TEXT NOT NULL,
    auto_delete INTEGER NOT NULL, args BLOB NOT NULL, UNIQUE (vhost, name)
  );
  CREATE TABLE binding (
    vhost TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, destination TEXT NOT NULL,
    key TEXT NOT NULL, args BLOB NOT NULL,
    PRIMARY KEY (vhost, source, kind, destination, key, args)
  ) WITHOUT ROWID;
  CREATE TABLE message (
    id INTEGER PRIMARY KEY, address BLOB NOT NULL, header BLOB NOT NULL, body BLOB NOT NULL
  );
  CREATE TABLE entry (
    queue INTEGER NOT NULL, seq INTEGER NOT NULL, message INTEGER NOT NULL,
    expires_at INTEGER, redelivered INTEGER NOT NULL, delivery_count INTEGER NOT NULL,
    PRIMARY KEY (queue, seq)
  ) WITHOUT ROWID;
  -- 1 while the file is closed in good order.
  CREATE TABLE state (clean INTEGER NOT NULL);
  INSERT INTO state VALUES (1);
`;

/** What a crash between two commits may leave: entries of deleted queues, messages without entries. */
const SWEEP = `
  DELETE FROM entry WHERE queue NOT IN (SELECT id FROM queue);
  DELETE FROM message WHERE id NOT IN (SELECT message FROM entry);
`;

export type Connection = Database.Database;

export interface OpenedFile {
  readonly database: Connection;
  /** False after a crash: then anything found may have been delivered already. */
  readonly wasClean: boolean;
}

/** Opens or creates the file and holds it alone. @throws UserError when it cannot be used */
export function openDataFile(path: string): OpenedFile {
  let database: Connection | undefined;
  try {
    database = new Database(path, { timeout: LOCK_WAIT_MS });
    // One process owns the file: no shared memory beside it, and a second broker is refused.
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    prepareSchema(database, path);
    const wasClean = database.prepare('SELECT clean FROM state').pluck().get() === 1;
    database.exec(`BEGIN; UPDATE state SET clean = 0; ${SWEEP} COMMIT;`);
    return { database, wasClean };
  } catch (error) {
    database?.close();
    if (error instanceof UserError) throw error;
    throw new UserError('environment', `the broker cannot use its data file ${path}`, {
      hint: hintOf(error),
      cause: error,
    });
  }
}

function hintOf(error: unknown): string {
  const code = String((error as { code?: unknown } | null)?.code);
  const reason = messageOf(error);
  if (/BUSY|LOCKED/.test(code)) return `Is another broker running on it? (${reason})`;
  if (/FULL/.test(code)) return `Make room on the disk. (${reason})`;
  if (/READONLY|CANTOPEN|IOERR/.test(code))
    return `The disk or the directory cannot be written. (${reason})`;
  return `See what is wrong with the file. (${reason})`;
}

function prepareSchema(database: Connection, path: string): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version === SCHEMA_VERSION) return;
  if (version !== 0) {
    throw new UserError('state-version', `${path} was written by another version of the broker`, {
      hint: 'Run `wonderland reset` to start with empty queues.',
      details: { found: version, wanted: SCHEMA_VERSION },
    });
  }
  database.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
}

export function markClean(database: Connection): void {
  database.exec('UPDATE state SET clean = 1');
}
