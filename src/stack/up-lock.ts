/** One `up` of a stack at a time: a file that names the process holding it, and is nobody's once that is dead. */
import { linkSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';

import type { Clock } from '../kernel/clock.ts';
import { UserError } from '../kernel/errors.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import { readJson, type StackFiles } from './stack-files.ts';

const POLL_MS = 25;

export interface LockOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/**
 * Works while no other `up` of this stack does.
 * @throws UserError `timeout` when another one does not finish, `interrupted`
 */
export async function whileLocked<Result>(
  files: StackFiles,
  options: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  await take(files, options);
  try {
    return await work();
  } finally {
    release(files.lock);
  }
}

async function take(files: StackFiles, { clock, signal, timeoutMs }: LockOptions): Promise<void> {
  const deadline = clock.elapsed() + timeoutMs;
  while (!tryTake(files.lock)) {
    if (signal.aborted) throw new UserError('interrupted', 'Stopped.');
    if (clock.elapsed() >= deadline) {
      throw new UserError('timeout', 'Another `wonderland up` of this stack does not finish', {
        hint: 'See `wonderland ps`, or stop it with `wonderland down`.',
      });
    }
    await clock.sleep(POLL_MS, signal);
  }
}

/** Does a living process hold the lock? */
export function isLocked(files: StackFiles): boolean {
  const holder = holderOf(files.lock);
  return holder !== undefined && isAlive(holder);
}

/** A link appears with its content in it, so nobody ever reads half a lock. */
function tryTake(file: string): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    removeIfAbandoned(file);
    return false;
  } finally {
    unlinkSync(draft);
  }
}

/** By renaming, so that of two who find it abandoned only one removes it; a lock taken meanwhile is put back. */
function removeIfAbandoned(file: string): void {
  const holder = holderOf(file);
  if (holder !== undefined && isAlive(holder)) return;
  const aside = `${file}.${process.pid}.old`;
  try {
    renameSync(file, aside);
    const moved = holderOf(aside);
    if (moved !== undefined && isAlive(moved)) linkSync(aside, file);
  } catch {
    // somebody else was faster: look again
  }
  rmSync(aside, { force: true });
}

function holderOf(file: string): ProcessIdentity | undefined {
  try {
    return readJson(file) as ProcessIdentity | undefined;
  } catch {
    return undefined;
  }
}

function release(file: string): void {
  if (holderOf(file)?.pid === process.pid) rmSync(file, { force: true });
}
