/** Which ephemeral stacks there are, noted before anything of one is started: what finds them when their process was killed. */
import { mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

import { UserError } from '../kernel/errors.ts';
import { readJson, writeJson } from './stack-files.ts';
import { ENGINES } from './stack-status.ts';

/** Everything of it lies below a directory that we named ourselves: nothing else is ever removed. */
const OwnDirectory = z
  .string()
  .max(4_096)
  .refine((text) => path.isAbsolute(text) && path.basename(text).startsWith('wonderland-'));

const Entry = z.object({
  schemaVersion: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{1,32}$/),
  /** The process that hosts it. */
  owner: z.object({ pid: z.int().positive(), born: z.string().max(200) }),
  directory: OwnDirectory,
  engine: z.enum(ENGINES),
  /** What it put on servers of somebody else, and where; with passwords. */
  external: z
    .object({
      amqpUrl: z.string().max(2_000),
      databaseUrl: z.string().max(2_000),
      namespace: z.string().regex(/^[a-z][a-z0-9_]{0,30}$/),
    })
    .optional(),
  /** ISO 8601. */
  startedAt: z.string().max(40),
});

export type EphemeralEntry = z.infer<typeof Entry>;

export interface NotedStack {
  readonly file: string;
  /** Undefined when the file is damaged, or was written by another version. */
  readonly entry: EphemeralEntry | undefined;
}

const ENTRY_LIMIT = 1_000;
const TRIES = 3;

/** Entries hold passwords: only the user may read them. @throws UserError `permission` */
export function noteEphemeral(registryDir: string, entry: EphemeralEntry): void {
  const file = fileOf(registryDir, entry.id);
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      return writeJson(file, entry);
    } catch (cause) {
      // Somebody who took the last entry out may have removed the directory in between.
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT' && left > 0) continue;
      throw new UserError('permission', `${path.dirname(file)} cannot be written`, {
        hint: 'Set WONDERLAND_STATE_DIR to a directory of yours.',
        cause,
      });
    }
  }
}

/** Twice is harmless. */
export function forgetEphemeral(registryDir: string, id: string): void {
  const file = fileOf(registryDir, id);
  rmSync(file, { force: true });
  try {
    rmdirSync(path.dirname(file));
  } catch {
    // others are noted there
  }
}

/** All that are noted, whether they run or not. */
export function notedEphemerals(registryDir: string): readonly NotedStack[] {
  const directory = path.join(registryDir, 'ephemeral');
  return namesIn(directory)
    .filter((name) => name.endsWith('.json'))
    .slice(0, ENTRY_LIMIT)
    .map((name) => readNote(path.join(directory, name)))
    .filter((noted) => noted !== undefined);
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // there never was one
  }
}

/** Undefined when it has gone meanwhile. */
function readNote(file: string): NotedStack | undefined {
  try {
    const content = readJson(file);
    return content === undefined ? undefined : { file, entry: Entry.safeParse(content).data };
  } catch {
    return { file, entry: undefined };
  }
}

function fileOf(registryDir: string, id: string): string {
  return path.join(registryDir, 'ephemeral', `${id}.json`);
}
