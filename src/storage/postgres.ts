/** PostgreSQL for whoever has data in it: a pool, a schema of one's own, migrations. */
import { Client, escapeIdentifier, Pool, type PoolClient, type QueryConfig } from 'pg';

import type { Clock } from '../kernel/clock.ts';
import { UserError } from '../kernel/errors.ts';
import { postgresFailure, type PostgresFailure } from './postgres-failure.ts';
import { pendingMigrations, type Migration } from './migration.ts';

const RETRY_MS = 100;
const MAX_CONNECTIONS = 8;
/** A process that stands still in the middle of a transaction loses it, and with it the locks that others wait for. */
const IDLE_IN_TRANSACTION_MS = 3_000;
/** A statement that takes longer is cancelled by the server; one whose answer never comes is given up here. */
const STATEMENT_MS = 10_000;
const ANSWER_MS = STATEMENT_MS + 2_000;
/** Changing the schema of a big database may take its time. */
const MIGRATION_MS = 3_600_000;

export interface OpenPostgresOptions {
  readonly url: string;
  /** Created when absent; all unqualified names of this pool live in it. */
  readonly schema: string;
  readonly migrations: readonly Migration[];
  readonly clock: Clock;
  /** Shown in pg_stat_activity. */
  readonly client: string;
  /** How long to keep trying while the server does not answer. */
  readonly openWithinMs: number;
  /** The variable that gives the URL, for hints. */
  readonly variable?: string;
}

/** `bookshop_mediator` in a namespace, `mediator` without. */
export function schemaOf(namespace: string, owner: string): string {
  return namespace === '' ? owner : `${namespace}_${owner}`;
}

/**
 * Opens a pool whose search path is the schema, and brings the schema up to date.
 * @throws UserError `database-unreachable`, or `state-version` when the schema is newer than this program.
 */
export async function openPostgres(options: OpenPostgresOptions): Promise<Pool> {
  const pool = new Pool({
    connectionString: options.url,
    max: MAX_CONNECTIONS,
    application_name: `wonderland ${options.client}`,
    options: [
      `-c search_path=${options.schema}`,
      `-c idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_MS}`,
      `-c statement_timeout=${STATEMENT_MS}`,
    ].join(' '),
    query_timeout: ANSWER_MS,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
  });
  // An idle connection that the server ends is replaced at the next query.
  pool.on('error', () => undefined);
  try {
    await waitForServer(pool, options);
    await migrate(pool, options);
    return pool;
  } catch (error) {
    await pool.end();
    throw error;
  }
}

async function waitForServer(pool: Pool, options: OpenPostgresOptions): Promise<void> {
  const giveUpAt = options.clock.elapsed() + options.openWithinMs;
  for (;;) {
    try {
      await pool.query('SELECT 1');
      return;
    } catch (error) {
      const failure = postgresFailure(options.url, error);
      if (failure.isFinal || options.clock.elapsed() >= giveUpAt)
        throw unreachable(failure, { cause: error, variable: options.variable });
    }
    await options.clock.sleep(RETRY_MS);
  }
}

function unreachable(
  { reason, isFinal }: PostgresFailure,
  {
    cause,
    variable = 'WONDERLAND_DATABASE_URL',
  }: { cause: unknown; variable?: string | undefined },
): UserError {
  const hint = isFinal
    ? `Check ${variable}.`
    : `Start a stack with \`wonderland up\`, or check ${variable}.`;
  return new UserError('database-unreachable', reason, { hint, cause });
}

/** Two parts may start at once, so the whole migration holds an advisory lock. */
async function migrate(
  pool: Pool,
  { schema, migrations, clock }: OpenPostgresOptions,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(`SET LOCAL statement_timeout = ${MIGRATION_MS}`);
    const lock = 'SELECT pg_advisory_xact_lock(hashtext($1))';
    await client.query({ ...patient(lock), values: [`wonderland/${schema}`] });
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(schema)}`);
    await client.query(
      'CREATE TABLE IF NOT EXISTS migration (version int PRIMARY KEY, name text NOT NULL, applied_at bigint NOT NULL)',
    );
    const { rows } = await client.query<{ version: number }>(
      'SELECT coalesce(max(version), 0) AS version FROM migration',
    );
    for (const each of pendingMigrations(migrations, rows[0]?.version ?? 0, schema)) {
      await client.query(patient(each.sql));
      await client.query('INSERT INTO migration VALUES ($1, $2, $3)', [
        each.version,
        each.name,
        clock.now(),
      ]);
    }
  });
}

/** A query whose answer is waited for as long as a migration may take. */
function patient(text: string): QueryConfig {
  // Missing in the types of pg.
  return Object.assign({ text }, { query_timeout: MIGRATION_MS });
}

/** Begins, runs, commits; rolls back and throws what `body` threw. */
export async function inTransaction<T>(
  pool: Pool,
  body: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // Between two statements nobody waits for this connection: its end is told by an event, which must be heard.
  const onError = (error: Error): void => void (broken = error);
  client.on('error', onError);
  try {
    await client.query('BEGIN');
    const value = await body(client);
    await client.query('COMMIT');
    return value;
  } catch (error) {
    // No answer: a rollback would wait behind it. The server rolls back when the connection ends.
    if (isUnanswered(error)) broken ??= error;
    if (broken === undefined) {
      await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
    }
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** pg's own limit; everything that the server says has a code. */
function isUnanswered(error: unknown): error is Error {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** Removes the schemas of a namespace with all data in them. */
export async function dropSchemas(url: string, schemas: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    for (const schema of schemas) {
      await client.query(`DROP SCHEMA IF EXISTS ${escapeIdentifier(schema)} CASCADE`);
    }
  } finally {
    await client.end();
  }
}
