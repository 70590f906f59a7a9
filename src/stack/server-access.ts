/** Can the broker and the database be used as their URLs say? One connection to each, and if not, why. */
import { UserError } from '../kernel/errors.ts';
import { brokerFailure } from '../messaging/broker-failure.ts';
import { postgresFailure } from '../storage/postgres-failure.ts';
import type { Endpoints } from './stack-status.ts';

const CONNECT_LIMIT_MS = 3_000;

/**
 * Tries both at once, before anything is started against them.
 * @throws UserError `broker-unreachable` or `database-unreachable`; with both broken, one that names both
 */
export async function requireServers({
  amqpUrl,
  databaseUrl,
}: Pick<Endpoints, 'amqpUrl' | 'databaseUrl'>): Promise<void> {
  const tries = await Promise.allSettled([tryBroker(amqpUrl), tryDatabase(databaseUrl)]);
  const failures = tries.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  const [first, second] = failures as UserError[];
  if (first === undefined) return;
  if (second === undefined) throw first;
  throw new UserError(first.code, `${first.message}; ${second.message}`, {
    hint: `${first.hint} ${second.hint}`,
    cause: first,
  });
}

/** @throws UserError `broker-unreachable` */
export async function tryBroker(url: string): Promise<void> {
  const { connect } = await import('amqplib');
  try {
    const connection = await connect(url, { timeout: CONNECT_LIMIT_MS });
    await connection.close();
  } catch (cause) {
    throw new UserError('broker-unreachable', brokerFailure(url, cause).reason, {
      hint: 'Start it, or check WONDERLAND_AMQP_URL: amqp://USER:PASSWORD@HOST:PORT/VHOST.',
      cause,
    });
  }
}

/** @throws UserError `database-unreachable` */
export async function tryDatabase(url: string): Promise<void> {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_LIMIT_MS });
  try {
    await client.connect();
  } catch (cause) {
    throw new UserError('database-unreachable', postgresFailure(url, cause).reason, {
      hint: 'Start it, or check WONDERLAND_DATABASE_URL: postgres://USER:PASSWORD@HOST:PORT/DATABASE.',
      cause,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}
