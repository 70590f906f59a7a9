/** What a transaction of the log store can do: insert records, drop the oldest, remember a position, count. */
import type { LogRecord } from '../../contracts/logs.ts';
import type { SqliteDatabase } from '../../storage/sqlite.ts';
import { rowsToDrop, type LogLimits } from './retention.ts';
import { rowOf, type RecordRow } from './rows.ts';

export interface EntryCount {
  readonly orderId: string;
  readonly entries: number;
}

/** To be used inside a transaction of the database only. */
export class LogTx {
  readonly #limits: LogLimits;
  readonly #insertRecord;
  readonly #insertSpan;
  readonly #size;
  readonly #deleteRecords;
  readonly #deleteSpans;
  readonly #oldest;
  readonly #position;
  readonly #setPosition;
  readonly #entries;

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
    this.#oldest = database.prepare<[], { at: number }>(
      'SELECT min(at) AS at FROM record WHERE (SELECT min(seq) FROM record) > 1',
    );
    this.#position = database.prepare<[], { position: string | null }>(
      "SELECT position FROM shipment WHERE name = 'saga-log'",
    );
    this.#setPosition = database.prepare<[string | null]>(
      "UPDATE shipment SET position = ? WHERE name = 'saga-log'",
    );
    // Entries are told from what parts say of the order by their ids, which the mediator makes.
    this.#entries = database.prepare<[string], EntryCount>(
      `SELECT asked.value AS orderId, count(record.seq) AS entries
       FROM json_each(?) AS asked
       LEFT JOIN record ON record.order_id = asked.value AND record.id GLOB 'saga-' || asked.value || '-*'
       GROUP BY asked.key ORDER BY asked.key`,
    );
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

  /**
   * Once something was rotated away, what is older than all that is left was rotated away too, or would be
   * next: when the saga log is read again from its beginning, it must not come back as news.
   */
  withoutForgotten(records: readonly LogRecord[]): readonly LogRecord[] {
    const oldest = this.#oldest.get()?.at ?? null;
    return oldest === null ? records : records.filter((each) => each.at >= oldest);
  }

  shippedTo(): string | null {
    return this.#position.get()?.position ?? null;
  }

  /** In order of the question. */
  countEntries(orderIds: readonly string[]): EntryCount[] {
    return this.#entries.all(JSON.stringify(orderIds));
  }

  setShippedTo(position: string | null): void {
    this.#setPosition.run(position);
  }
}
