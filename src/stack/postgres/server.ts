/** A running PostgreSQL of our own: started on one port of 127.0.0.1, stopped when it is disposed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import type { Clock } from '../../kernel/clock.ts';
import { UserError } from '../../kernel/errors.ts';
import { findPostgresBinaries, installationOf, type PostgresBinaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { readPostmaster, stopLeftover } from './leftover.ts';
import { chooseLaunch, type Launch } from './privilege.ts';

export interface PostgresOptions {
  /** Where the database lives; made when it is missing. */
  readonly directory: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly clock: Clock;
  /** User id of this process; 0 is root. */
  readonly uid: number;
  /** Where the server's log goes: this process's own streams, or nowhere. */
  readonly log: 'inherit' | 'ignore';
}

export interface PostgresServer extends AsyncDisposable {
  readonly pid: number;
  /** Resolves when the server has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

const START_LIMIT_MS = 60_000;
/** Then the server is told to drop everything; it recovers from its log at the next start. */
const STOP_LIMIT_MS = 4_000;
const POLL_MS = 10;

/**
 * Safe on a crash (fsync and synchronous_commit stay on) and quick to start. No Unix socket: its path
 * may be at most 107 bytes long, and a project may lie deeper than that.
 */
const CONFIGURATION = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '64MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  jit: 'off',
  lc_messages: 'C',
  timezone: 'UTC',
  log_checkpoints: 'off',
} as const;

/**
 * Starts the server, after stopping one that an earlier guard left behind.
 * @throws UserError `environment` when it ends before it is ready.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  await mkdir(path.dirname(options.directory), { recursive: true });
  const binaries = await findPostgresBinaries();
  const launch = await chooseLaunch({
    uid: options.uid,
    probe: binaries.initdb,
    paths: [path.join(installationOf(binaries), 'bin'), options.directory],
  });
  await stopLeftover(options.directory, options.clock);
  await ensureCluster({ ...options, binaries, launch });
  const child = spawnServer(options, binaries, launch);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', resolve).once('error', () => resolve());
  });
  const server = {
    pid: child.pid ?? 0,
    ended,
    [Symbol.asyncDispose]: () => stop(child, options.clock),
  };
  try {
    await untilReady(child, options);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

function spawnServer(
  options: PostgresOptions,
  binaries: PostgresBinaries,
  launch: Launch,
): ChildProcess {
  const settings = Object.entries(CONFIGURATION).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const words = ['-D', options.directory, '-p', String(options.port), ...settings];
  const [command = '', ...rest] = [...launch.prefix, binaries.postgres, ...words];
  return spawn(command, rest, {
    ...launch.identity,
    cwd: '/',
    stdio: ['ignore', options.log, options.log],
  });
}

/** The server says it is ready in its pid file; every prefix execs, so the number is our child's. */
async function untilReady(
  child: ChildProcess,
  { directory, clock }: PostgresOptions,
): Promise<void> {
  const deadline = clock.elapsed() + START_LIMIT_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      throw new UserError('environment', `PostgreSQL ended at its start with ${exitOf(child)}`, {
        hint: 'Its reason is in the lines above, or in `wonderland logs`; `wonderland doctor` checks the machine.',
      });
    }
    const file = await readPostmaster(directory);
    if (file?.pid === child.pid && file.status === 'ready') return;
    if (clock.elapsed() > deadline)
      throw new UserError('not-ready', 'PostgreSQL did not become ready');
    await clock.sleep(POLL_MS);
  }
}

function exitOf(child: ChildProcess): string {
  return child.signalCode === null ? `exit code ${child.exitCode}` : `signal ${child.signalCode}`;
}

/** SIGINT is the fast shutdown (clients are dropped, data is written); SIGQUIT the immediate one. */
async function stop(child: ChildProcess, clock: Clock): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  const timer = clock.after(STOP_LIMIT_MS, () => child.kill('SIGQUIT'));
  try {
    await ended;
  } finally {
    timer.cancel();
  }
}
