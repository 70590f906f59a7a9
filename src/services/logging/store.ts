/** The log store's writing end: batches of records share a transaction, repeats are dropped, the oldest go. */
import type { LogRecord } from '../../contracts/logs.ts';
import type { Clock } from '../../kernel/clock.ts';
import { GroupCommit } from '../../storage/group-commit.ts';
import { openSqlite, sqliteTransactions, type SqliteDatabase } from '../../storage/sqlite.ts';
import { MIGRATIONS } from './migrations.ts';
import { LOG_LIMITS, rowsToDrop, type LogLimits } from './retention.ts';
import { rowOf, type RecordRow } from './rows.ts';

export interface OpenLogStoreOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly limits?: LogLimits;
}

export interface LogStore extends AsyncDisposable {
  /** Resolves after the commit; records whose id is known are ignored. */
  add(records: readonly LogRecord[], beforeCommit?: () => void): Promise<void>;
  /** Resolves when the database has taken part in a transaction: it is alive. */
  probe(): Promise<void>;
}

/**
 * `synchronous=NORMAL`, unlike the ledgers: a killed process loses nothing, and what a power failure may
 * take of the log is a witness, not the deed; the saga log in PostgreSQL has that. In return the log's
 * commits never make those of money and stock wait for the disk.
 * @throws UserError `state-version` when the file was written by a newer program.
 */
export function openLogStore({ file, clock, limits = LOG_LIMITS }: OpenLogStoreOptions): LogStore {
  const database = openSqlite({ file, migrations: MIGRATIONS, clock });
  database.pragma('synchronous = NORMAL');
  const group = new GroupCommit(sqliteTransactions(database, new LogTx(database, limits)));
  return {
    add: (records, beforeCommit) =>
      group.transact((tx) => {
        tx.insert(records);
        tx.rotate();
        return Promise.resolve();
      }, beforeCommit),
    probe: () => group.transact(() => Promise.resolve()),
    [Symbol.asyncDispose]: async () => {
      await group.idle();
      database.close();
    },
  };
}

class LogTx {
  readonly #limits: LogLimits;
  readonly #insertRecord;
  readonly #insertSpan;
  readonly #size;
  readonly #deleteRecords;
  readonly #deleteSpans;

  constructor(database: SqliteDatabase, limits: LogLimits) {
    this.#limits = limits;
    this.#insertRecord = database.prepare<[RecordRow]>(
      `INSERT INTO record (id, at, level, service, instance, message, order_id, trace_id, fields)
       VALUES (@id, @at, @level, @service, @instance, @message, @order_id, @trace_id, @fields)
       ON CONFLICT (id) DO NOTHING`,
    );
    this.#insertSpan = database.prepare<[number | bigint, string]>(
      'INSERT INTO span VALUES (?, ?)',
    );
    // Rows are numbered without gaps, so counting them needs no scan.
    this.#size = database.prepare<[], { first: number; rows: number; bytes: number }>(
      `SELECT coalesce((SELECT min(seq) FROM record), 0) AS first,
              coalesce((SELECT max(seq) FROM record) - (SELECT min(seq) FROM record) + 1, 0) AS rows,
              (page_count - freelist_count) * page_size AS bytes
       FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
    );
    this.#deleteRecords = database.prepare<[number]>('DELETE FROM record WHERE seq < ?');
    this.#deleteSpans = database.prepare<[number]>('DELETE FROM span WHERE seq < ?');
  }

  insert(records: readonly LogRecord[]): void {
    for (const record of records) {
      const { changes, lastInsertRowid } = this.#insertRecord.run(rowOf(record));
      if (changes > 0 && record.span !== undefined) {
        this.#insertSpan.run(lastInsertRowid, JSON.stringify(record.span));
      }
    }
  }

  rotate(): void {
    const size = this.#size.get();
    const drop = size === undefined ? 0 : rowsToDrop(size, this.#limits);
    if (size === undefined || drop === 0) return;
    this.#deleteRecords.run(size.first + drop);
    this.#deleteSpans.run(size.first + drop);
  }
}
