/** Reads the log store from its file: beside the running service, or while the stack is down. */
import type { LogRecord } from '../../contracts/logs.ts';
import type { Clock } from '../../kernel/clock.ts';
import { openSqliteReader, type SqliteDatabase } from '../../storage/sqlite.ts';
import { MATCHES, queryOf, type LogFilter } from './query.ts';
import { recordOf, type JoinedRow } from './rows.ts';

const POLL_MS = 100;
/** Records that a follower takes at once. */
const FOLLOW_CHUNK = 1_000;
const MAX_SPANS = 10_000;

/** A filter, and how many of the newest records that pass it. */
export interface LogSelection extends LogFilter {
  readonly limit: number;
}

export interface LogReader extends Disposable {
  /** The newest `limit` records that pass, oldest first. */
  read(selection: LogSelection): LogRecord[];
  /**
   * First what `read` would give, then every record that passes as it is stored (at most 200 ms later), until
   * the signal aborts. Nothing falls between the two; `limit` bounds the first part only.
   */
  follow(selection: LogSelection, signal: AbortSignal): AsyncIterable<LogRecord>;
  /** Records of an order that tell of a handled message, in the order the handling began. */
  spansOf(orderId: string): LogRecord[];
}

/** Undefined when nothing has been logged there yet. */
export function openLogReader(file: string, clock: Clock): LogReader | undefined {
  const database = openSqliteReader(file);
  if (database === undefined) return undefined;
  const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'span'").get();
  if (table !== undefined) return new SqliteLogReader(database, clock);
  database.close();
  return undefined;
}

class SqliteLogReader implements LogReader {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  #pattern: RegExp = /(?:)/;

  constructor(database: SqliteDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    // Called for a million rows: a function inside the query is twice as fast as rows brought out here.
    database.function(MATCHES, (message: string, fields: string | null) => {
      const isMatch =
        this.#pattern.test(message) || (fields !== null && this.#pattern.test(fields));
      return isMatch ? 1 : 0;
    });
  }

  read(selection: LogSelection): LogRecord[] {
    return this.#readUpTo(this.#lastSeq(), selection);
  }

  async *follow(selection: LogSelection, signal: AbortSignal): AsyncGenerator<LogRecord> {
    let last = this.#lastSeq();
    yield* this.#readUpTo(last, selection);
    while (!signal.aborted) {
      const fresh = this.#readAfter(last, selection);
      last = fresh.at(-1)?.seq ?? last;
      yield* fresh.map(recordOf);
      if (fresh.length < FOLLOW_CHUNK) await this.#clock.sleep(POLL_MS, signal);
    }
  }

  spansOf(orderId: string): LogRecord[] {
    const rows = this.#database
      .prepare<[string, number], JoinedRow>(
        `SELECT record.*, span FROM record INDEXED BY record_of_order JOIN span USING (seq)
         WHERE order_id = ? LIMIT ?`,
      )
      .all(orderId.toLowerCase(), MAX_SPANS);
    return rows.map(recordOf).toSorted((a, b) => begun(a) - begun(b));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #lastSeq(): number {
    const row = this.#database
      .prepare<[], { last: number }>('SELECT coalesce(max(seq), 0) AS last FROM record')
      .get();
    return row?.last ?? 0;
  }

  #readUpTo(last: number, { limit, ...filter }: LogSelection): LogRecord[] {
    const { where, values, index } = queryOf(filter);
    this.#setPattern(filter.grep);
    const rows = this.#database
      .prepare<unknown[], JoinedRow>(
        `SELECT newest.*, span FROM (
           SELECT * FROM record INDEXED BY ${index}
           WHERE ${where} AND seq <= ? ORDER BY at DESC, seq DESC LIMIT ?
         ) AS newest LEFT JOIN span USING (seq) ORDER BY at, seq`,
      )
      .all(...values, last, limit);
    return rows.map(recordOf);
  }

  #readAfter(last: number, filter: LogFilter): JoinedRow[] {
    const { where, values } = queryOf(filter);
    this.#setPattern(filter.grep);
    return this.#database
      .prepare<unknown[], JoinedRow>(
        `SELECT record.*, span FROM record NOT INDEXED LEFT JOIN span USING (seq)
         WHERE record.seq > ? AND ${where} ORDER BY record.seq LIMIT ${FOLLOW_CHUNK}`,
      )
      .all(last, ...values);
  }

  /** Without the flags that would make a test depend on the one before it. */
  #setPattern(grep: RegExp | undefined): void {
    if (grep !== undefined) this.#pattern = new RegExp(grep, grep.flags.replaceAll(/[gy]/g, ''));
  }
}

function begun(record: LogRecord): number {
  return record.span?.startedAt ?? record.at;
}
