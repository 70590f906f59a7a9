/** A part for integration tests: real broker, a namespace and a folder of its own, both removed afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';

import { connect } from 'amqplib';
import { inject } from 'vitest';

import { readSettings, type Settings } from '../../src/config/settings.ts';
import { ClosingStack } from '../../src/kernel/closing.ts';
import { liveClock, liveIds, liveRandom } from '../../src/kernel/live.ts';
import { openPart, type Part } from '../../src/messaging/part.ts';
import { deleteTopology, namesOf } from '../../src/messaging/topology.ts';

/** The broker of this run: see servers.ts. */
export const TEST_AMQP_URL = inject('amqpUrl');

/** Settings of a stack that only this test knows. Disposing removes its queues, exchanges and folder. */
export interface TestSurroundings extends AsyncDisposable {
  readonly settings: Settings;
}

export async function openSurroundings(): Promise<TestSurroundings> {
  const closing = new ClosingStack();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'wonderland-test-'));
  closing.defer(() => rm(dataDir, { recursive: true, force: true }));
  const namespace = `t${liveIds.hex(8)}`;
  closing.defer(() => removeTopology(namespace));
  return {
    settings: {
      ...readSettings({}),
      amqpUrl: TEST_AMQP_URL,
      dataDir,
      namespace,
      faultsAllowed: true,
    },
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}

async function removeTopology(namespace: string): Promise<void> {
  const connection = await connect(TEST_AMQP_URL);
  try {
    await deleteTopology(await connection.createChannel(), namesOf(namespace));
  } finally {
    await connection.close();
  }
}

export interface TestPartOptions {
  readonly service: string;
  /** Several parts of one test share these; without them the part has, and removes, its own. */
  readonly settings?: Settings;
}

/** Its console lines are thrown away. */
export async function openTestPart({ service, settings }: TestPartOptions): Promise<Part> {
  const closing = new ClosingStack();
  const shared = settings ?? closing.use(await openSurroundings()).settings;
  const part = closing.use(
    await openPart({
      service,
      settings: shared,
      clock: liveClock,
      random: liveRandom,
      ids: liveIds,
      crash: () => {
        throw new Error('this process is the test');
      },
      output: new Writable({ write: (_chunk, _encoding, done) => done() }),
      openWithinMs: 5_000,
    }),
  );
  return { ...part, [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose]() };
}
