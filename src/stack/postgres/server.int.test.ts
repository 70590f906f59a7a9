import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';

import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';

import { ClosingStack } from '../../kernel/closing.ts';
import { liveClock } from '../../kernel/live.ts';
import { identify, sendSignal } from '../process-identity.ts';
import { familyOf } from '../process-tree.ts';
import { readPostmaster, stopLeftover } from './leftover.ts';
import { startPostgres, type PostgresServer } from './server.ts';

let closing = new ClosingStack();
afterEach(async () => {
  await closing[Symbol.asyncDispose]();
  closing = new ClosingStack();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A directory that only its owner may enter, as `mktemp -d` makes it, with an awkward name below. */
async function closedDirectory(): Promise<string> {
  const outer = await mkdtemp(path.join(os.tmpdir(), 'wonderland-postgres-'));
  closing.defer(() => rm(outer, { recursive: true, force: true }));
  const inner = path.join(outer, 'white rabbit ünïcödé');
  await mkdir(inner);
  return path.join(inner, 'postgres');
}

const uid = process.getuid?.() ?? 1;

async function start(directory: string, port: number): Promise<PostgresServer> {
  return startPostgres({
    directory,
    port,
    user: 'wonderland',
    password: 'looking-glass',
    database: 'wonderland',
    clock: liveClock,
    uid,
    log: 'ignore',
  });
}

async function query<T>(port: number, sql: string, password = 'looking-glass'): Promise<T[]> {
  const client = new pg.Client({
    connectionString: `postgres://wonderland:${password}@127.0.0.1:${port}/wonderland`,
  });
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end();
  }
}

describe('the PostgreSQL of an embedded stack', () => {
  it('serves from a directory that only its owner may enter, keeps data and durability', async () => {
    const directory = await closedDirectory();
    const port = await freePort();
    const first = await start(directory, port);
    closing.use(first);
    await query(port, "CREATE TABLE cup AS SELECT 'tea' AS what");
    expect(
      await query(
        port,
        "SELECT current_setting('fsync') f, current_setting('synchronous_commit') s",
      ),
    ).toEqual([{ f: 'on', s: 'on' }]);
    await first[Symbol.asyncDispose]();

    closing.use(await start(directory, port));
    expect(await query(port, 'SELECT what FROM cup')).toEqual([{ what: 'tea' }]);
  });

  it('refuses a wrong password', async () => {
    const port = await freePort();
    closing.use(await start(await closedDirectory(), port));
    await expect(query(port, 'SELECT 1', 'wrong')).rejects.toThrow(
      /password authentication failed/,
    );
  });

  it('takes over from a server that was killed without a goodbye', async () => {
    const directory = await closedDirectory();
    const port = await freePort();
    const killed = closing.use(await start(directory, port));
    await query(port, 'CREATE TABLE kept AS SELECT 42 AS answer');
    sendSignal(killed.pid, 'SIGKILL');
    await killed.ended;
    closing.use(await start(directory, port));
    expect(await query(port, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('stops a server that its guard left behind', async () => {
    const directory = await closedDirectory();
    const server = closing.use(await start(directory, await freePort()));
    await stopLeftover(directory, liveClock);
    expect(identify(server.pid)).toBeUndefined();
  });

  it('stops one that was left frozen as well, gently, and every process of it', async () => {
    const directory = await closedDirectory();
    const server = closing.use(await start(directory, await freePort()));
    const family = familyOf(server.pid);
    expect(family.length).toBeGreaterThan(2);
    for (const member of family) sendSignal(member, 'SIGSTOP');
    await stopLeftover(directory, liveClock);
    // A server that was told to end removes its note; one that was killed leaves it.
    expect(existsSync(path.join(directory, 'postmaster.pid'))).toBe(false);
    expect(family.filter((pid) => identify(pid) !== undefined)).toEqual([]);
  });

  it('never signals a stranger that has the number of an old server', async () => {
    const directory = await closedDirectory();
    const server = await start(directory, await freePort());
    const file = await readFile(path.join(directory, 'postmaster.pid'), 'utf8');
    await server[Symbol.asyncDispose]();
    const stranger = spawn('sleep', ['60']);
    closing.defer(() => stranger.kill());
    const { writeFile } = await import('node:fs/promises');
    await writeFile(
      path.join(directory, 'postmaster.pid'),
      file.replace(/^\d+/, String(stranger.pid)),
    );
    expect((await readPostmaster(directory))?.pid).toBe(stranger.pid);
    await stopLeftover(directory, liveClock);
    expect(stranger.signalCode).toBeNull();
    await rm(path.join(directory, 'postmaster.pid'));
  });
});
