/** What keeps a database from working for anybody, in words for people; a work's own failure is none. */
import { UserError } from '../kernel/errors.ts';

/** SQLite: the primary code is the beginning of every extended one. */
const SQLITE: readonly (readonly [RegExp, string])[] = [
  [/^SQLITE_(BUSY|LOCKED)/, 'the database file is locked by another program'],
  [/^SQLITE_FULL/, 'the disk is full'],
  [/^SQLITE_(READONLY|PERM|AUTH)/, 'the database file may not be written'],
  [/^SQLITE_CANTOPEN/, 'the database file cannot be opened'],
  [/^SQLITE_IOERR/, 'the disk reports an error'],
  [/^SQLITE_(CORRUPT|NOTADB)/, 'the database file is damaged'],
];

/** PostgreSQL: five characters, the first two of which name a class. */
const POSTGRES: readonly (readonly [RegExp, string])[] = [
  [/^25006$/, 'the database is read-only'],
  [/^53100$/, 'the disk of the database is full'],
  [/^53300$/, 'the database has no connection left'],
  [/^53/, 'the database is short of memory or connections'],
  [/^(57014|55P03|25P03)$/, 'the database takes too long to answer'],
  [/^57P/, 'the database is stopping or starting'],
  [/^58|^XX00[12]$/, 'the disk of the database reports an error'],
  [/^08/, 'the connection to the database was lost'],
];

const SOCKET: readonly (readonly [RegExp, string])[] = [
  [/^(ECONNREFUSED|ENOENT)$/, 'the database does not run'],
  [/^(ECONNRESET|EPIPE)$/, 'the connection to the database was lost'],
  [/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/, 'the database cannot be reached'],
];

/** What pg says without a code: its own limits, and connections that end under a query. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [
    /^(timeout exceeded|Query read timeout|Connection terminated due to connection timeout)/,
    'the database takes too long to answer',
  ],
  [
    /^Connection terminated|^Client has encountered a connection error|^Client was closed/,
    'the connection to the database was lost',
  ],
];

/** Why the database cannot be used now; undefined when the error says nothing about the database. */
export function databaseTrouble(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code === 'database-unreachable') return error.message;
  if (code?.startsWith('SQLITE_') === true) return wordsFor(code, SQLITE);
  if (code !== undefined) return wordsFor(code, [...SOCKET, ...POSTGRES]);
  return wordsFor(error.message, WORDS);
}

function wordsFor(text: string, table: readonly (readonly [RegExp, string])[]): string | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}

/**
 * The same error, as `database-unreachable` when the database is to blame: then trying again later has a
 * chance, and trying the next work at once has none.
 */
export function blamed(error: unknown): unknown {
  const trouble = databaseTrouble(error);
  if (trouble === undefined) return error;
  return new UserError('database-unreachable', trouble, { cause: error });
}

export function isTrouble(error: unknown): error is UserError {
  return error instanceof UserError && error.code === 'database-unreachable';
}
