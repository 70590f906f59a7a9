/** The log store's schema in SQLite, step by step; the reader of the `logs` command relies on it too. */
import type { Migration } from '../../storage/migration.ts';

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'records with an index per question, spans beside them',
    // Spans are the larger half of a record and no filter looks into them: apart, scans stay short.
    // `seq` is the order of arrival without gaps: followers go on from it, rotation deletes along it.
    sql: `
      CREATE TABLE record (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        at INTEGER NOT NULL,
        level INTEGER NOT NULL,
        service TEXT NOT NULL,
        instance TEXT NOT NULL,
        message TEXT NOT NULL,
        order_id TEXT,
        trace_id TEXT,
        fields TEXT
      ) STRICT;
      CREATE INDEX record_by_time ON record (at);
      CREATE INDEX record_of_service ON record (service, at);
      CREATE INDEX record_of_trouble ON record (at) WHERE level >= 2;
      CREATE INDEX record_of_order ON record (order_id) WHERE order_id IS NOT NULL;
      CREATE INDEX record_of_trace ON record (trace_id) WHERE trace_id IS NOT NULL;
      CREATE TABLE span (
        seq INTEGER PRIMARY KEY,
        span TEXT NOT NULL
      ) STRICT;
    `,
  },
  {
    version: 2,
    name: 'how far the saga log of the mediator was read',
    // In this file, so that entries and the position behind them are stored by the same commit.
    sql: `
      CREATE TABLE shipment (
        name TEXT PRIMARY KEY,
        position TEXT
      ) STRICT, WITHOUT ROWID;
      INSERT INTO shipment VALUES ('saga-log', NULL);
    `,
  },
];
