/**
 * The servers of the integration tests: those that WONDERLAND_AMQP_URL and WONDERLAND_DATABASE_URL name,
 * else our own broker and a PostgreSQL of our own, started for the run on free ports and removed after it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { TestProject } from 'vitest/node';

import { startBroker } from '../../src/broker/broker.ts';
import { readSettings } from '../../src/config/settings.ts';
import { ClosingStack } from '../../src/kernel/closing.ts';
import { liveClock } from '../../src/kernel/live.ts';
import { startPostgres } from '../../src/stack/postgres/server.ts';
import { freePort } from './free-port.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    amqpUrl: string;
    databaseUrl: string;
  }
}

/** vitest calls this once before the suite, and what it returns once after it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const closing = new ClosingStack();
  const { amqpUrl, databaseUrl } = readSettings();
  project.provide('amqpUrl', amqpUrl ?? (await ownBroker(closing)));
  project.provide('databaseUrl', databaseUrl ?? (await ownPostgres(closing)));
  return () => closing[Symbol.asyncDispose]();
}

async function ownFolder(closing: ClosingStack, name: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), `wonderland-${name}-`));
  closing.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function ownBroker(closing: ClosingStack): Promise<string> {
  const folder = await ownFolder(closing, 'broker');
  const dataFile = path.join(folder, 'broker.db');
  const broker = closing.use(await startBroker({ port: 0, dataFile, clock: liveClock }));
  return broker.url;
}

async function ownPostgres(closing: ClosingStack): Promise<string> {
  const folder = await ownFolder(closing, 'postgres');
  const port = await freePort();
  const credentials = { user: 'wonderland', password: 'for-tests-only', database: 'wonderland' };
  closing.use(
    await startPostgres({
      ...credentials,
      directory: path.join(folder, 'data'),
      port,
      clock: liveClock,
      uid: process.getuid?.() ?? -1,
      log: 'ignore',
    }),
  );
  const { user, password, database } = credentials;
  return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
}
