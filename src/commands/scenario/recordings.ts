/** Where the recordings of runs are kept: `<stateDir>/runs/<UTC time>-<run>/run.ndjson`, the newest 50. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

import type { Clock } from '../../kernel/clock.ts';
import { openRecordingFile, type RecordingFile } from '../../scenario/recording/write.ts';
import { identify, isAlive, type ProcessIdentity } from '../../stack/process-identity.ts';

/** So many are kept; those of the command that is running and did not pass are kept besides. */
export const KEPT_RUNS = 50;
/** In the folder of a run while it is played: who plays it. */
const PLAYER = 'player.json';
/** `20260806T140327Z-payment-failure-a1b2c3`; nothing else is ever removed. */
const FOLDER = /^\d{8}T\d{6}Z-([a-z0-9][a-z0-9-]{0,63})$/;

const Player = z.object({ pid: z.int().positive(), born: z.string().max(200) });

export interface RecordingsOptions {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly onProblem: (message: string) => void;
}

/** The recordings of one command. */
export class Recordings {
  readonly #options: RecordingsOptions;
  readonly #folders = new Map<string, string>();

  constructor(options: RecordingsOptions) {
    this.#options = options;
  }

  /** Begins the recording of a run. Never throws: a run goes on without one. */
  async open(run: string): Promise<RecordingFile> {
    const { stateDir, clock, onProblem } = this.#options;
    const folder = path.join(runsFolder(stateDir), `${stampOf(clock.now())}-${run}`);
    this.#folders.set(run, folder);
    const file = await openRecordingFile(path.join(folder, 'run.ndjson'), { clock, onProblem });
    const player = path.join(folder, PLAYER);
    await mkdir(folder, { recursive: true }).catch(() => undefined);
    attempt(() => writeFileSync(player, JSON.stringify(identify(process.pid))));
    return {
      path: file.path,
      write: (line) => file.write(line),
      async [Symbol.asyncDispose]() {
        await file[Symbol.asyncDispose]();
        attempt(() => rmSync(player, { force: true }));
      },
    };
  }

  /** The file of a run. */
  pathOf(run: string): string | undefined {
    const folder = this.#folders.get(run);
    return folder === undefined ? undefined : path.join(folder, 'run.ndjson');
  }

  /** Removes all but the newest. @param kept runs of this command that somebody will want to look at. */
  async prune(kept: readonly string[]): Promise<void> {
    const { stateDir } = this.#options;
    const spared = new Set(kept.flatMap((run) => path.basename(this.#folders.get(run) ?? '')));
    const all = (await foldersIn(stateDir)).toSorted().toReversed();
    const old = all.filter((name, index) => index >= KEPT_RUNS && !spared.has(name));
    for (const name of old) {
      const folder = path.join(runsFolder(stateDir), name);
      if (playerOf(folder) !== undefined) continue;
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

/** The runs that a living process plays at this moment, and which. */
export async function runsBeingPlayed(
  stateDir: string,
): Promise<ReadonlyMap<string, ProcessIdentity>> {
  const playing = new Map<string, ProcessIdentity>();
  for (const name of await foldersIn(stateDir)) {
    const player = playerOf(path.join(runsFolder(stateDir), name));
    const [, run] = FOLDER.exec(name) ?? [];
    if (player !== undefined && run !== undefined) playing.set(run, player);
  }
  return playing;
}

function runsFolder(stateDir: string): string {
  return path.join(stateDir, 'runs');
}

async function foldersIn(stateDir: string): Promise<string[]> {
  const names = await readdir(runsFolder(stateDir)).catch(() => []);
  return names.filter((name) => FOLDER.test(name));
}

/** Who plays the run of a folder; undefined when nobody does any more. */
function playerOf(folder: string): ProcessIdentity | undefined {
  try {
    const text = readFileSync(path.join(folder, PLAYER), 'utf8');
    const player = Player.parse(JSON.parse(text));
    return isAlive(player) ? player : undefined;
  } catch {
    return undefined; // it was played to its end, or half written
  }
}

/** `20260806T140327Z`: sorts by time. */
function stampOf(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

/** A mark that cannot be written disturbs no run. */
function attempt(write: () => void): void {
  try {
    write();
  } catch {
    // The recording has told of the disk already.
  }
}
