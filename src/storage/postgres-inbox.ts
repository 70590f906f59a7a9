/** The inbox of a participant on PostgreSQL: answers are gathered, and written with the effects. */
import type { ClientBase } from 'pg';

import { LostRaceError } from './optimistic.ts';
import { answeredSagas, forgetAnswers } from './postgres-forgetting.ts';
import type { SagaIdRange, StoredReply } from './sqlite-inbox.ts';

/**
 * The first statement of a participant's first migration. An answer is text and not jsonb, which would
 * put its fields in another order: the same message always gets the same bytes.
 */
export const POSTGRES_INBOX = `
  CREATE TABLE inbox (
    message_id text COLLATE "C" PRIMARY KEY,
    saga_id text COLLATE "C" NOT NULL,
    reply text NOT NULL
  );
  CREATE INDEX inbox_of_saga ON inbox (saga_id);
`;

interface Answered {
  readonly messageId: string;
  readonly sagaId: string;
  readonly reply: StoredReply;
}

/** To be used inside one transaction; whoever runs it flushes before the commit. */
export class PostgresInbox {
  protected readonly client: ClientBase;
  readonly #answered = new Map<string, Answered>();

  constructor(client: ClientBase) {
    this.client = client;
  }

  /** The answer that was given to this message, if it was carried out before. */
  async findReply(messageId: string): Promise<StoredReply | undefined> {
    const gathered = this.#answered.get(messageId);
    if (gathered !== undefined) return gathered.reply;
    const { rows } = await this.client.query<{ reply: string }>({
      name: 'find-reply',
      text: 'SELECT reply FROM inbox WHERE message_id = $1',
      values: [messageId],
    });
    return rows[0] === undefined ? undefined : (JSON.parse(rows[0].reply) as StoredReply);
  }

  saveReply(messageId: string, sagaId: string, reply: StoredReply): Promise<void> {
    this.#answered.set(messageId, { messageId, sagaId, reply });
    return Promise.resolve();
  }

  /** Changes no row, and is refused where none could be changed. */
  async touch(): Promise<void> {
    await this.client.query('UPDATE inbox SET reply = reply WHERE false');
  }

  answeredSagas(range: SagaIdRange): Promise<string[]> {
    return answeredSagas(this.client, range);
  }

  forgetAnswers(sagaIds: readonly string[]): Promise<void> {
    return forgetAnswers(this.client, sagaIds);
  }

  /**
   * Writes the answers, sorted, so that two processes never wait for each other in a circle.
   * @throws LostRaceError when another process has answered one of the messages meanwhile.
   */
  protected async flushAnswers(): Promise<void> {
    const answered = sortedValues(this.#answered);
    this.#answered.clear();
    if (answered.length === 0) return;
    const { rowCount } = await this.client.query({
      name: 'save-replies',
      text: `INSERT INTO inbox (message_id, saga_id, reply)
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
             ON CONFLICT (message_id) DO NOTHING`,
      values: [
        answered.map((each) => each.messageId),
        answered.map((each) => each.sagaId),
        answered.map((each) => JSON.stringify(each.reply)),
      ],
    });
    if (rowCount !== answered.length) throw new LostRaceError('the answer to a message');
  }
}

/** In order of key: the order in which every process writes. */
export function sortedValues<Value>(gathered: ReadonlyMap<string, Value>): Value[] {
  return [...gathered].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
