/** A process that opens a SQLite file on "open", and on "write" inserts rows one transaction at a time. */
import { liveClock } from '../../src/kernel/live.ts';
import { GroupCommit } from '../../src/storage/group-commit.ts';
import { openSqlite, sqliteTransactions, type SqliteDatabase } from '../../src/storage/sqlite.ts';

const [file = '', writer = '', rows = '0'] = process.argv.slice(2);
const MIGRATION = {
  version: 1,
  name: 'notes',
  sql: 'CREATE TABLE note (seq INTEGER PRIMARY KEY, writer TEXT NOT NULL, n INTEGER NOT NULL) STRICT',
};
const PAUSE_MS = 5;
let database: SqliteDatabase | undefined;

async function write(opened: SqliteDatabase): Promise<void> {
  const insert = opened.prepare<[string, number]>('INSERT INTO note (writer, n) VALUES (?, ?)');
  const group = new GroupCommit(sqliteTransactions(opened, insert, liveClock));
  const add = (n: number): Promise<boolean> =>
    group
      .transact(async (statement) => void statement.run(writer, n))
      .then(
        () => true,
        () => false,
      );
  for (let n = 0; n < Number(rows); n++) {
    // As a part does that was told that the file is locked: again, until it is not.
    while (!(await add(n))) await liveClock.sleep(PAUSE_MS);
  }
  opened.close();
}

process.on('message', (order: string) => {
  if (order === 'open') {
    database = openSqlite({ file, migrations: [MIGRATION], clock: liveClock });
    process.send?.('opened');
  } else if (database !== undefined) {
    void write(database).then(() => process.disconnect());
  }
});
process.send?.('here');
