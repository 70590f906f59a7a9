/** Questions of other parts about sagas, from a queue that all mediators share; the database has the answers. */
import type { Pool } from 'pg';

import { askClosed, audit, audited, closedTold, logRead, readLog } from '../contracts/mediator.ts';
import { retryLater } from '../contracts/participant.ts';
import type { Clock } from '../kernel/clock.ts';
import { ClosingStack } from '../kernel/closing.ts';
import { messageOf } from '../kernel/errors.ts';
import type { IncomingMessage } from '../messaging/bus.ts';
import { startHandler } from '../messaging/handler.ts';
import { answerTo, reply, type Reply } from '../messaging/participant.ts';
import type { Part } from '../messaging/part.ts';
import type { Journal } from './journal.ts';
import { LogFollower } from './log-stream/log-follower.ts';
import { adoptLog } from './log-stream/log-page.ts';
import { auditSagas } from './saga-audit.ts';

/** Questions in hand at once; those that wait for news count too. */
const PREFETCH = 16;
const RETRY_AFTER_MS = 500;

export interface SagaQueriesOptions {
  readonly part: Part;
  readonly pool: Pool;
  readonly journal: Journal;
}

/** Serves until disposed; whoever waits for news then is answered without any. */
export async function startSagaQueries({
  part,
  pool,
  journal,
}: SagaQueriesOptions): Promise<AsyncDisposable> {
  const adopted = await adoptLog(pool);
  if (adopted > 0) part.logger.log('warn', `${adopted} log entries came from another server`);
  await using opening = new ClosingStack();
  const follower = new LogFollower({ pool, clock: part.clock, journal });
  const handler = await startHandler(part, {
    queue: part.names.queries,
    prefetch: PREFETCH,
    // A record of each question about records would be news to ask about.
    isRecorded: false,
    handle: async (message) =>
      [answerTo(message, await answerOf(message, { ...part, pool, follower }))].filter(
        (each) => each !== undefined,
      ),
    onError: (message, error) => answerTo(message, later(messageOf(error))),
  });
  opening.use(handler);
  opening.defer(() => follower[Symbol.dispose]());
  return opening.move();
}

interface Sources {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly follower: LogFollower;
}

async function answerOf(
  message: IncomingMessage,
  { pool, clock, follower }: Sources,
): Promise<Reply> {
  if (message.type === readLog.name) {
    const { after, waitMs } = readLog.body.parse(message.body);
    return reply(logRead, await follower.read(after, waitMs));
  }
  if (message.type === askClosed.name) {
    const { sagaIds, forMs } = askClosed.body.parse(message.body);
    return reply(closedTold, { closed: await closedAmong(pool, sagaIds, clock.now() - forMs) });
  }
  if (message.type === audit.name) {
    const { orderIds } = audit.body.parse(message.body);
    return reply(audited, { orders: await auditSagas(pool, orderIds) });
  }
  return later(`the mediator does not know ${message.type}`);
}

async function closedAmong(pool: Pool, ids: readonly string[], before: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'closed-among',
    text: 'SELECT id FROM saga WHERE id = ANY($1::uuid[]) AND NOT open AND updated_at <= $2',
    values: [ids, before],
  });
  return rows.map((each) => each.id);
}

function later(reason: string): Reply {
  return reply(retryLater, { afterMs: RETRY_AFTER_MS, reason: reason.slice(0, 200) });
}
