/** The log store's writing end: batches of records share a transaction, repeats are dropped, the oldest go. */
import type { LogRecord } from '../../contracts/logs.ts';
import type { Clock } from '../../kernel/clock.ts';
import { GroupCommit } from '../../storage/group-commit.ts';
import { openSqlite, sqliteTransactions } from '../../storage/sqlite.ts';
import { MIGRATIONS } from './migrations.ts';
import { LOG_LIMITS, type LogLimits } from './retention.ts';
import { LogTx, type EntryCount } from './transaction.ts';

export interface OpenLogStoreOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly limits?: LogLimits;
}

/** Entries of the saga log, and where a reader stands before and after them. */
export interface Shipment {
  readonly records: readonly LogRecord[];
  readonly after: string | null;
  readonly next: string | null;
}

export interface LogStore extends AsyncDisposable {
  /** Resolves after the commit; records whose id is known are ignored. */
  add(records: readonly LogRecord[], beforeCommit?: () => void | Promise<void>): Promise<void>;
  /** How far the saga log was read; null when it never was. */
  shippedTo(): Promise<string | null>;
  /**
   * Stores the records and the position behind them in one commit. Answers false, and stores nothing, when
   * the position is not `after` any more: somebody else was here.
   */
  ship(shipment: Shipment): Promise<boolean>;
  /** How many entries of its saga log are stored, for each of these orders. */
  countEntries(orderIds: readonly string[]): Promise<EntryCount[]>;
  /** Resolves when the database has written: it is alive, and has room. */
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
  const group = new GroupCommit(sqliteTransactions(database, new LogTx(database, limits), clock));
  return {
    add: (records, beforeCommit) =>
      group.transact((tx) => {
        tx.insert(records);
        tx.rotate();
        return Promise.resolve();
      }, beforeCommit),
    shippedTo: () => group.transact(async (tx) => tx.shippedTo()),
    ship: (shipment) =>
      group.transact(async (tx) => {
        if (tx.shippedTo() !== shipment.after) return false;
        tx.insert(tx.withoutForgotten(shipment.records));
        tx.setShippedTo(shipment.next);
        tx.rotate();
        return true;
      }),
    countEntries: (orderIds) => group.transact(async (tx) => tx.countEntries(orderIds)),
    probe: () => group.transact(async (tx) => tx.setShippedTo(tx.shippedTo())),
    [Symbol.asyncDispose]: async () => {
      await group.idle();
      database.close();
    },
  };
}
