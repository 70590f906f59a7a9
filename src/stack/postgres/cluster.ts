/** The database directory: made once, completely or not at all, and owned by whoever runs the server. */
import { execFile } from 'node:child_process';
import {
  chown,
  lchown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { messageOf, UserError } from '../../kernel/errors.ts';
import type { PostgresBinaries } from './binaries.ts';
import type { Launch } from './privilege.ts';

/** Major version of the programs that we ship; data of another one is not readable for them. */
const MAJOR = '17';
const INIT_LIMIT_MS = 60_000;

export interface ClusterOptions {
  readonly binaries: PostgresBinaries;
  readonly launch: Launch;
  /** Where the database lives; its parent exists. */
  readonly directory: string;
  readonly user: string;
  readonly password: string;
  /** Created beside the system's own databases. Lower-case letters and underscores. */
  readonly database: string;
}

/**
 * Makes the database directory unless it is there.
 * @throws UserError `state-version` when another PostgreSQL made it, `environment` when it can't be made.
 */
export async function ensureCluster(options: ClusterOptions): Promise<void> {
  const version = await readVersion(options.directory);
  if (version === undefined) return initialise(options);
  if (version !== MAJOR) {
    throw new UserError(
      'state-version',
      `The data in ${options.directory} belongs to PostgreSQL ${version}; this is ${MAJOR}`,
      {
        hint: 'Use the version of Wonderland that made it, or `wonderland reset` to start afresh.',
      },
    );
  }
  await giveTo(options.launch.owner, options.directory);
}

async function readVersion(directory: string): Promise<string | undefined> {
  const text = await readFile(path.join(directory, 'PG_VERSION'), 'utf8').catch(() => undefined);
  return text?.trim();
}

/** Works in a directory beside, and renames it at the end: an interrupted initdb leaves nothing half done. */
async function initialise(options: ClusterOptions): Promise<void> {
  const workshop = await mkdtemp(`${options.directory}-init-`);
  try {
    const cluster = path.join(workshop, 'cluster');
    const passwordFile = path.join(workshop, 'password');
    await mkdir(cluster, { mode: 0o700 });
    await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600 });
    await giveTo(options.launch.owner, workshop);
    await runInitdb(options, cluster, passwordFile);
    await createDatabase(options, cluster);
    await rename(cluster, options.directory);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** `C.UTF-8` of the built-in provider: the same order and case rules on every machine. */
async function runInitdb(
  options: ClusterOptions,
  cluster: string,
  passwordFile: string,
): Promise<void> {
  await runTool(options, options.binaries.initdb, [
    `--pgdata=${cluster}`,
    `--username=${options.user}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ]);
}

/** In single-user mode, so that no server has to be up and no client has to be loaded. */
async function createDatabase(options: ClusterOptions, cluster: string): Promise<void> {
  if (options.database === 'postgres') return;
  const statement = `CREATE DATABASE ${options.database}`;
  await runTool(
    options,
    options.binaries.postgres,
    ['--single', '-D', cluster, 'postgres'],
    statement,
  );
}

async function runTool(
  { launch }: ClusterOptions,
  program: string,
  words: readonly string[],
  input = '',
): Promise<void> {
  const [command = '', ...rest] = [...launch.prefix, program, ...words];
  try {
    const running = promisify(execFile)(command, rest, {
      ...launch.identity,
      timeout: INIT_LIMIT_MS,
      cwd: '/',
    });
    running.child.stdin?.end(`${input}\n`);
    await running;
  } catch (cause) {
    const output = ((cause as { stderr?: string }).stderr ?? '').trim();
    const reason = output === '' ? messageOf(cause) : output.split('\n').slice(-3).join(' ');
    throw new UserError('environment', `PostgreSQL could not be set up: ${reason}`, {
      hint: 'Check the free disk space and the permissions of the state directory: `wonderland doctor`.',
      cause,
    });
  }
}

/** The server insists on owning its files; root may have run it as another user before. */
async function giveTo(owner: Launch['owner'], directory: string): Promise<void> {
  if (owner === undefined) return;
  const current = await stat(directory);
  if (current.uid === owner.uid) return;
  for (const name of await readdir(directory, { recursive: true })) {
    await lchown(path.join(directory, name), owner.uid, owner.gid);
  }
  await chown(directory, owner.uid, owner.gid);
}
