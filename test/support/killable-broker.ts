/** Our own broker in a process of its own, with the verbs of a private RabbitMQ node: one test for both. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { freePort } from './free-port.ts';
import type { RabbitNode } from './rabbitmq-node.ts';

const PROGRAM = path.join(import.meta.dirname, 'broker-process.ts');

/** A broker that may be treated badly. */
export type KillableBroker = Pick<
  RabbitNode,
  'url' | 'port' | 'start' | 'kill' | 'pause' | 'resume' | 'wipe' | typeof Symbol.asyncDispose
>;

/** Starts our broker on a free port with a data directory of its own; disposing kills it and removes everything. */
export async function startOwnBroker(): Promise<KillableBroker> {
  const folder = await mkdtemp(path.join(tmpdir(), 'wonderland-broker-'));
  const data = path.join(folder, 'data');
  const port = await freePort();
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const start = async (): Promise<void> => {
    await mkdir(data, { recursive: true });
    child = fork(PROGRAM, [`${port}`, path.join(data, 'broker.db')], {
      execArgv: ['--import', 'tsx'],
    });
    await once(child, 'message');
  };
  await start();
  return {
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    port,
    start,
    kill,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    wipe: () => rm(data, { recursive: true, force: true, maxRetries: 5 }),
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
