/** A PostgreSQL of one test's own: to be stopped, made read-only and used up at will. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Client } from 'pg';

import { ClosingStack } from '../../src/kernel/closing.ts';
import { liveClock } from '../../src/kernel/live.ts';
import { startPostgres, type PostgresServer } from '../../src/stack/postgres/server.ts';
import { freePort } from './free-port.ts';

export interface OwnPostgres extends AsyncDisposable {
  readonly url: string;
  start(): Promise<void>;
  /** `fast` drops the clients and writes everything; `immediate` just ends, and recovers at the next start. */
  stop(how: 'fast' | 'immediate'): Promise<void>;
  /** A session of the test's own. */
  connect(): Promise<Client>;
  /** Statements one by one, each in a transaction of its own. */
  run(...statements: readonly string[]): Promise<void>;
}

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const closing = new ClosingStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'wonderland-own-postgres-'));
  closing.defer(() => rm(folder, { recursive: true, force: true }));
  const credentials = { user: 'wonderland', password: 'for-tests-only', database: 'wonderland' };
  const port = await freePort();
  const url = `postgres://wonderland:for-tests-only@127.0.0.1:${port}/wonderland`;
  let server: PostgresServer | undefined;
  const start = async (): Promise<void> => {
    server = await startPostgres({
      ...credentials,
      port,
      directory: path.join(folder, 'data'),
      clock: liveClock,
      uid: process.getuid?.() ?? -1,
      log: 'ignore',
    });
  };
  const connect = async (): Promise<Client> => {
    const client = new Client({ connectionString: url });
    // The server may end under it.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  closing.defer(() => server?.[Symbol.asyncDispose]());
  await start();
  return {
    url,
    start,
    connect,
    async stop(how) {
      if (server === undefined) return;
      process.kill(server.pid, how === 'fast' ? 'SIGINT' : 'SIGQUIT');
      await server.ended;
    },
    async run(...statements) {
      const client = await connect();
      for (const each of statements) await client.query(each);
      const ended = once(client, 'end');
      await client.end();
      await ended;
    },
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}
