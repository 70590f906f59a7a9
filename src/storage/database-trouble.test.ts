import { expect, test } from 'vitest';

import { databaseTrouble } from './database-trouble.ts';

const failing = (message: string, code?: string): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

test.each([
  ['SQLITE_BUSY_SNAPSHOT', 'locked'],
  ['SQLITE_FULL', 'full'],
  ['SQLITE_READONLY_DIRECTORY', 'may not be written'],
  ['SQLITE_IOERR_WRITE', 'disk'],
  ['25006', 'read-only'],
  ['53100', 'full'],
  ['53300', 'no connection left'],
  ['57014', 'too long'],
  ['57P01', 'stopping or starting'],
  ['08006', 'lost'],
  ['ECONNREFUSED', 'does not run'],
])('%s is the trouble of the database, in words', (code, words) => {
  expect(databaseTrouble(failing('whatever', code))).toContain(words);
});

test.each([
  ['Query read timeout', 'too long'],
  ['timeout exceeded when trying to connect', 'too long'],
  ['Connection terminated due to connection timeout', 'too long'],
  ['Connection terminated unexpectedly', 'lost'],
])('pg says "%s" without a code', (message, words) => {
  expect(databaseTrouble(failing(message))).toContain(words);
});

test.each([
  ['SQLITE_CONSTRAINT_UNIQUE', 'a row of the work'],
  ['23505', 'a row of the work'],
  ['42P01', 'a mistake of ours'],
  ['ABORT_ERR', 'nothing of the database'],
  ['', 'a mistake of ours'],
])('%s is %s, and no trouble of the database', (code) => {
  expect(databaseTrouble(failing('no', code))).toBeUndefined();
});
