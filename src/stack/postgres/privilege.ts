/**
 * PostgreSQL refuses to run as root. This chooses how a root caller runs it as somebody else, even below a
 * directory that nobody else may enter (`/root`, or what `mktemp -d` makes).
 */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { UserError } from '../../kernel/errors.ts';

/** How to start a PostgreSQL program. */
export interface Launch {
  /** Program and arguments to put before the command line. */
  readonly prefix: readonly string[];
  /** For the spawn call; empty when the caller's own user will do. */
  readonly identity: { readonly uid?: number; readonly gid?: number };
  /** As whom, for people. */
  readonly as: string;
  /** Who must own the data, when that is not the caller. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

/** `nobody`: exists on every Linux, so no user has to be created. */
const NOBODY = 65_534;

/** Dies with its parent: a killed guard never leaves a server behind. SIGINT is PostgreSQL's fast shutdown. */
const DIE_WITH_PARENT = ['setpriv', '--pdeathsig', 'INT'];

/**
 * Runs as `nobody`, but may pass closed directories. `no_setuid_fixup` is needed because initdb asks
 * access(2), which otherwise ignores the capabilities of a user other than root.
 */
const SETPRIV = [
  'setpriv',
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  '--clear-groups',
  '--inh-caps=+dac_override',
  '--ambient-caps=+dac_override',
  '--securebits=+no_setuid_fixup',
];

/** Root outside, `nobody` inside: needs no capability, only that root owns the directories. */
const NAMESPACE = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];

export interface LaunchOptions {
  /** User that would own the server; 0 is root. */
  readonly uid: number;
  /** A program to try, to be sure that the choice works. */
  readonly probe: string;
  /** Paths that the server must reach; missing ones count by their nearest existing parent. */
  readonly paths: readonly string[];
}

/**
 * The first way that works here.
 * @throws UserError `environment` when root has none.
 */
export async function chooseLaunch(options: LaunchOptions): Promise<Launch> {
  const guard = (await works(DIE_WITH_PARENT, options.probe)) ? DIE_WITH_PARENT : [];
  if (options.uid !== 0) return { prefix: guard, identity: {}, as: 'you', owner: undefined };
  const nobody = { uid: NOBODY, gid: NOBODY };
  const closed = await findClosed(options.paths);
  if (closed === undefined) return { prefix: guard, identity: nobody, as: 'nobody', owner: nobody };
  if (await works(SETPRIV, options.probe)) {
    return {
      prefix: [...SETPRIV, ...guard.slice(1)],
      identity: {},
      as: 'nobody, let into closed directories',
      owner: nobody,
    };
  }
  if (await works(NAMESPACE, options.probe)) {
    return {
      prefix: [...NAMESPACE, ...guard],
      identity: {},
      as: 'nobody of a user namespace',
      owner: { uid: 0, gid: 0 },
    };
  }
  throw noWay(closed);
}

function noWay(closed: string): UserError {
  return new UserError(
    'environment',
    `PostgreSQL does not run as root, and no other user may enter ${closed}`,
    {
      hint:
        `Run as a normal user, or \`chmod o+x '${closed}'\`, or set WONDERLAND_STATE_DIR to a directory ` +
        'that others may enter and install the project in such a place.',
      details: { closed },
    },
  );
}

/** The first directory on the way to a path that a stranger may not enter. */
export async function findClosed(paths: readonly string[]): Promise<string | undefined> {
  const ancestors = new Set(paths.flatMap(ancestorsOf));
  for (const directory of [...ancestors].toSorted((a, b) => a.length - b.length)) {
    const found = await stat(directory).catch(() => undefined);
    if (found?.isDirectory() === true && (found.mode & 0o001) === 0) return directory;
  }
  return undefined;
}

/** Every directory above a path, without the path itself. */
function ancestorsOf(target: string): readonly string[] {
  const parent = path.dirname(path.resolve(target));
  return parent === path.resolve(target) ? [] : [parent, ...ancestorsOf(parent)];
}

function works(prefix: readonly string[], probe: string): Promise<boolean> {
  if (os.platform() !== 'linux') return Promise.resolve(false);
  const [command = '', ...rest] = prefix;
  return new Promise((resolve) => {
    execFile(command, [...rest, probe, '--version'], { timeout: 5_000 }, (error) =>
      resolve(error === null),
    );
  });
}
