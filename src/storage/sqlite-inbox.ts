/** The inbox of a participant on SQLite: which messages were carried out, and what was answered. */
import type { SqliteDatabase } from './sqlite.ts';

/** The first statement of a participant's first migration. */
export const SQLITE_INBOX = `
  CREATE TABLE inbox (
    message_id TEXT PRIMARY KEY,
    saga_id TEXT NOT NULL,
    reply TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX inbox_saga ON inbox (saga_id);
`;

/** An answer as it is kept: plain JSON. */
export interface StoredReply {
  readonly type: string;
  readonly version: number;
  readonly body: unknown;
}

/** Ids of sagas between two others. */
export interface SagaIdRange {
  readonly after: string;
  readonly before: string;
  readonly limit: number;
}

/** To be used inside a transaction of the same connection only. */
export class SqliteInbox {
  readonly #database: SqliteDatabase;
  readonly #find;
  readonly #save;
  readonly #sagas;
  readonly #forget;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#find = database.prepare<[string], { reply: string }>(
      'SELECT reply FROM inbox WHERE message_id = ?',
    );
    this.#save = database.prepare<[string, string, string]>(
      'INSERT INTO inbox (message_id, saga_id, reply) VALUES (?, ?, ?)',
    );
    this.#sagas = database
      .prepare<[string, string, number], string>(
        'SELECT DISTINCT saga_id FROM inbox WHERE saga_id > ? AND saga_id < ? ORDER BY saga_id LIMIT ?',
      )
      .pluck();
    this.#forget = database.prepare<[string]>(
      'DELETE FROM inbox WHERE saga_id IN (SELECT value FROM json_each(?))',
    );
  }

  /** The answer that was given to this message, if it was carried out before. */
  async findReply(messageId: string): Promise<StoredReply | undefined> {
    const row = this.#find.get(messageId);
    return row === undefined ? undefined : (JSON.parse(row.reply) as StoredReply);
  }

  async saveReply(messageId: string, sagaId: string, reply: StoredReply): Promise<void> {
    this.#save.run(messageId, sagaId, JSON.stringify(reply));
  }

  /** Writes a page that says what it said before: a full disk is found out only by writing. */
  async touch(): Promise<void> {
    this.#database.pragma('user_version = 0');
  }

  /** Sagas with answers here, in order of id; both ends are left out. */
  async answeredSagas(range: SagaIdRange): Promise<string[]> {
    return this.#sagas.all(range.after, range.before, range.limit);
  }

  async forgetAnswers(sagaIds: readonly string[]): Promise<void> {
    this.#forget.run(JSON.stringify(sagaIds));
  }
}
