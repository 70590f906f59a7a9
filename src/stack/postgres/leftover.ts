/** A server whose guard was killed: found by its pid file, proven to be ours, and stopped. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Clock } from '../../kernel/clock.ts';
import { UserError } from '../../kernel/errors.ts';
import { identify, isAlive, sendSignal, type ProcessIdentity } from '../process-identity.ts';
import { familyOf } from '../process-tree.ts';

/** What the server writes about itself into its data directory. */
export interface PostmasterFile {
  readonly pid: number;
  readonly directory: string;
  readonly port: number;
  /** `starting`, `ready`, `stopping`, `standby`; empty while it has not come that far. */
  readonly status: string;
}

/** Reads `postmaster.pid`; undefined when no server runs, or it has only begun to write. */
export async function readPostmaster(directory: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(path.join(directory, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  return {
    pid,
    directory: lines[1] ?? '',
    port: Number(lines[3] ?? 0),
    status: (lines[7] ?? '').trim(),
  };
}

/** Signals in the order of patience: fast, immediate, none. */
const PATIENCE = [
  ['SIGINT', 3_000],
  ['SIGQUIT', 1_500],
  ['SIGKILL', 1_500],
] as const;
const POLL_MS = 20;

/**
 * Stops the server of a data directory, whoever started it; does nothing when none runs.
 * @throws UserError `environment` when it can't be stopped.
 */
export async function stopLeftover(directory: string, clock: Clock): Promise<void> {
  const server = await findServer(directory);
  if (server === undefined) return;
  // Frozen, its processes would hear nothing, and those that lead sessions of their own outlive it.
  for (const member of familyOf(server.pid)) sendSignal(member, 'SIGCONT');
  for (const [signal, patienceMs] of PATIENCE) {
    sendSignal(server.pid, signal);
    if (await isGone(server, patienceMs, clock)) return;
  }
  throw new UserError('environment', `PostgreSQL (PID ${server.pid}) does not stop`, {
    hint: `Stop it with \`kill -9 ${server.pid}\`.`,
  });
}

/** The file survives a power cut, and its number may now be somebody else's: look at the process itself. */
async function findServer(directory: string): Promise<ProcessIdentity | undefined> {
  const file = await readPostmaster(directory);
  if (file === undefined) return undefined;
  const server = identify(file.pid);
  return server !== undefined && (await isPostgres(file.pid)) ? server : undefined;
}

/** Where there is no /proc, the pid file alone has to do. */
async function isPostgres(pid: number): Promise<boolean> {
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return words === undefined || path.basename(words.split('\0')[0] ?? '') === 'postgres';
}

async function isGone(server: ProcessIdentity, patienceMs: number, clock: Clock): Promise<boolean> {
  const deadline = clock.elapsed() + patienceMs;
  while (isAlive(server)) {
    if (clock.elapsed() >= deadline) return false;
    await clock.sleep(POLL_MS);
  }
  return true;
}
