/** Where a stack keeps its files, and how they are read and replaced. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { UserError } from '../kernel/errors.ts';

export interface StackFiles {
  readonly name: string;
  readonly directory: string;
  /** Ports, URLs and engine: what a later start needs to come back the same. */
  readonly record: string;
  /** Processes and their states, kept by the supervisor. */
  readonly state: string;
  readonly lock: string;
  readonly socket: string;
  readonly logs: string;
  readonly data: string;
  readonly postgres: string;
  readonly logOf: (part: string) => string;
}

/** A Unix socket's path may have 103 (macOS) or 107 (Linux) bytes. */
const SOCKET_PATH_LIMIT = 100;

export function filesOf(stateDir: string, name: string): StackFiles {
  const directory = path.join(stateDir, 'stacks', name);
  const logs = path.join(directory, 'logs');
  const data = path.join(directory, 'data');
  return {
    name,
    directory,
    record: path.join(directory, 'stack.json'),
    state: path.join(directory, 'state.json'),
    lock: path.join(directory, 'up.lock'),
    socket: socketOf(directory),
    logs,
    data,
    postgres: path.join(data, 'postgres'),
    logOf: (part) => path.join(logs, `${part}.log`),
  };
}

function socketOf(directory: string): string {
  const inside = path.join(directory, 'supervisor.sock');
  if (Buffer.byteLength(inside) <= SOCKET_PATH_LIMIT) return inside;
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  return path.join(os.tmpdir(), `wonderland-${hash}`, 'supervisor.sock');
}

/** Private to the user: URLs with passwords are among them. */
export function makeDirectories(files: StackFiles): void {
  for (const directory of [files.logs, files.data]) mkdirSync(directory, { recursive: true });
}

/** The parsed content, or undefined when there is no such file. @throws UserError `state-version` when it is damaged. */
export function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError('state-version', `${file} is damaged`, {
      hint: 'Remove the file, or `wonderland reset` to start afresh.',
      cause,
    });
  }
}

/** Replaces a file in one step: a reader sees the old or the new content, never half of it. @throws as the disk does */
export function writeJson(file: string, value: unknown): void {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
