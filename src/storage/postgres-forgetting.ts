/** Forgetting on PostgreSQL: which sagas an inbox has answers for, and deleting those that nobody needs. */
import type { ClientBase } from 'pg';

import type { SagaIdRange } from './sqlite-inbox.ts';

/** Sagas with answers in the inbox, in order of id; both ends are left out. */
export async function answeredSagas(client: ClientBase, range: SagaIdRange): Promise<string[]> {
  const { rows } = await client.query<{ saga_id: string }>({
    name: 'answered-sagas',
    text: `SELECT DISTINCT saga_id FROM inbox WHERE saga_id > $1 AND saga_id < $2
           ORDER BY saga_id LIMIT $3`,
    values: [range.after, range.before, range.limit],
  });
  return rows.map((each) => each.saga_id);
}

/** What another process forgets at this moment is left to it: two never wait for each other. */
export async function forgetAnswers(client: ClientBase, sagaIds: readonly string[]): Promise<void> {
  await client.query({
    name: 'forget-answers',
    text: `DELETE FROM inbox WHERE message_id IN (
             SELECT message_id FROM inbox WHERE saga_id = ANY($1::text[]) FOR UPDATE SKIP LOCKED)`,
    values: [sagaIds],
  });
}
