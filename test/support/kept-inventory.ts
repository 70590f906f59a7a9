/** The inventory of a test's shop as a process of its own that is started again whenever it dies. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import type { Settings } from '../../src/config/settings.ts';

const PROGRAM = path.join(import.meta.dirname, 'service-process.ts');

export interface KeptInventory extends AsyncDisposable {
  /** The signals that ended it, so far. */
  readonly deaths: readonly (string | null)[];
}

/** Resolves when it serves for the first time. */
export async function keepInventory(settings: Settings): Promise<KeptInventory> {
  const deaths: (string | null)[] = [];
  let isClosing = false;
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const args = [JSON.stringify(settings)];
    child = fork(PROGRAM, args, { execArgv: ['--import', 'tsx'], silent: true });
    child.once('exit', (_code, signal) => {
      if (isClosing) return;
      deaths.push(signal);
      void start();
    });
    await once(child, 'message');
  };
  await start();
  return {
    deaths,
    [Symbol.asyncDispose]: async () => {
      isClosing = true;
      const ended = child === undefined ? undefined : once(child, 'exit');
      child?.kill('SIGKILL');
      await ended;
    },
  };
}
