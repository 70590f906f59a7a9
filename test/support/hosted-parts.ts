/** A supervisor with small programs as parts, in a temporary directory: for tests of what it does to them. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import type { ClosingStack } from '../../src/kernel/closing.ts';
import { liveClock } from '../../src/kernel/live.ts';
import { filesOf, type StackFiles } from '../../src/stack/stack-files.ts';
import type { StackRecord } from '../../src/stack/stack-record.ts';
import type { PartStatus, StackStatus } from '../../src/stack/stack-status.ts';
import { startHost } from '../../src/stack/supervisor/host.ts';
import type { PartSpec } from '../../src/stack/supervisor/part-process.ts';
import type { Supervisor } from '../../src/stack/supervisor/supervisor.ts';

/** Serves until it is told to stop or its supervisor is gone, as every part of ours. */
export const GOOD = `
  process.on('SIGTERM', () => process.exit(0));
  process.on('disconnect', () => process.exit(0));
  process.send({ type: 'ready' });`;

/** A part that is a script. */
export function scriptPart(name: string, script: string): PartSpec {
  return { name, command: [process.execPath, '-e', script], environment: {}, after: [] };
}

export function hostedRecord(files: StackFiles, engine: StackRecord['engine']): StackRecord {
  return {
    schemaVersion: 1,
    name: files.name,
    engine,
    ports: { http: 1 },
    endpoints: {
      mediatorUrl: 'http://127.0.0.1:1',
      amqpUrl: '',
      databaseUrl: '',
      namespace: '',
      dataDir: files.data,
      inboxDir: files.data,
      logFile: files.data,
    },
    createdAt: new Date(0).toISOString(),
  };
}

export interface HostedParts {
  readonly supervisor: Supervisor;
  readonly files: StackFiles;
  readonly stateDir: string;
}

/** Starts them and waits until all are ready. */
export async function hostParts(
  closing: ClosingStack,
  parts: readonly PartSpec[],
  engine: StackRecord['engine'] = 'embedded',
): Promise<HostedParts> {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), 'wonderland-hosted-'));
  closing.defer(() => rm(stateDir, { recursive: true, force: true }));
  const files = filesOf(stateDir, 'test');
  const record = hostedRecord(files, engine);
  const host = closing.use(await startHost({ files, record, parts, clock: liveClock }));
  await untilStatus(host.supervisor, ({ state }) => state === 'running');
  return { supervisor: host.supervisor, files, stateDir };
}

const LIMIT_MS = 10_000;

/** Waits for a status that satisfies; fails with the last one. */
export function untilStatus(
  supervisor: Supervisor,
  isRight: (status: StackStatus) => boolean,
): Promise<StackStatus> {
  return new Promise((resolve, reject) => {
    const timer = liveClock.after(LIMIT_MS, () => {
      unwatch();
      reject(new Error(`not reached: ${JSON.stringify(supervisor.status())}`));
    });
    const unwatch = supervisor.watch((status) => {
      if (!isRight(status)) return;
      timer.cancel();
      setImmediate(() => unwatch());
      resolve(status);
    });
  });
}

export function partIn(status: StackStatus, name: string): PartStatus {
  const found = status.parts.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no part ${name}`);
  return found;
}
