/** The notification service's schema in SQLite, step by step. */
import type { Migration } from '../../storage/migration.ts';
import { SQLITE_INBOX } from '../../storage/sqlite-inbox.ts';

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'mails, inbox',
    sql: `
      ${SQLITE_INBOX}
      CREATE TABLE mail (
        id TEXT PRIMARY KEY,
        order_id TEXT NOT NULL,
        recipient TEXT NOT NULL,
        subject TEXT NOT NULL,
        template TEXT NOT NULL,
        sent_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX mail_of_order ON mail (order_id);
      CREATE INDEX mail_by_time ON mail (sent_at);
    `,
  },
  {
    version: 2,
    name: 'messages that were given up',
    sql: `
      CREATE TABLE given_up (
        message_id TEXT PRIMARY KEY,
        reason TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 3,
    name: 'mails that went out once more',
    sql: `
      CREATE TABLE repeat (
        mail_id TEXT PRIMARY KEY,
        times INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
];
