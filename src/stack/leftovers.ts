/** Removes what is left of ephemeral stacks whose process was killed: frozen parts, directories, queues and schemas. */
import { rm } from 'node:fs/promises';

import type { Clock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import { forgetEphemeral, notedEphemerals, type EphemeralEntry } from './ephemeral-registry.ts';
import { EPHEMERAL_NAME } from './ephemeral-name.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';
import { killFamily } from './process-tree.ts';
import { filesOf, type StackFiles } from './stack-files.ts';
import { readState } from './state-file.ts';
import { endStack } from './stop-stack.ts';
import { removeSocket } from './supervisor/socket-server.ts';

export interface HealedLeftover {
  readonly id: string;
  readonly directory: string;
  /** Processes that still ran, and were killed. */
  readonly pids: readonly number[];
  /** What was removed from servers of somebody else. */
  readonly namespace?: string;
  /** Why something is still there; it is tried again the next time. */
  readonly trouble?: string;
}

/**
 * Heals every ephemeral stack noted below the user's state directory whose process is dead; those that run
 * are not touched. Cheap when there is none. Never throws: what cannot be removed now is told, and stays noted.
 */
export async function healLeftovers(
  registryDir: string,
  clock: Clock,
): Promise<readonly HealedLeftover[]> {
  const entries = notedEphemerals(registryDir).flatMap(({ entry }) => entry ?? []);
  const dead = entries.filter(({ owner }) => !isAlive(owner));
  return Promise.all(dead.map((entry) => healOne(entry, registryDir, clock)));
}

async function healOne(
  entry: EphemeralEntry,
  registryDir: string,
  clock: Clock,
): Promise<HealedLeftover> {
  const { id, directory, external } = entry;
  const files = filesOf(directory, EPHEMERAL_NAME);
  const pids = killSurvivors(files);
  const healed = { id, directory, pids };
  try {
    await endStack(files, { clock });
    removeSocket(files);
    if (external !== undefined) {
      const { removeExternal } = await import('./remove-external.ts');
      await removeExternal(external);
    }
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    forgetEphemeral(registryDir, id);
  } catch (error) {
    return { ...healed, trouble: messageOf(error) };
  }
  return external === undefined ? healed : { ...healed, namespace: external.namespace };
}

/**
 * Kills every process of the stack that still runs, with all below it; answers their numbers. Not gently: its
 * data goes too, and a frozen process hears no request.
 */
export function killSurvivors(files: StackFiles): readonly number[] {
  const survivors = processesOf(files).filter(isAlive);
  for (const { pid } of survivors) killFamily(pid);
  return survivors.map(({ pid }) => pid);
}

function processesOf(files: StackFiles): readonly ProcessIdentity[] {
  try {
    return readState(files)?.processes ?? [];
  } catch {
    return []; // half removed
  }
}
