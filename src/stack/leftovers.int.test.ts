import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { connect } from 'amqplib';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';

import type { EphemeralHostPlan } from '../../test/support/ephemeral-host.ts';
import { freePort } from '../../test/support/free-port.ts';
import { ClosingStack } from '../kernel/closing.ts';
import { liveClock as clock, liveIds as ids } from '../kernel/live.ts';
import { namesOf, topologyOf } from '../messaging/topology.ts';
import { notedEphemerals } from './ephemeral-registry.ts';
import { healLeftovers } from './leftovers.ts';
import { identify } from './process-identity.ts';
import { familyOf } from './process-tree.ts';
import { schemasOf } from './remove-external.ts';

const PROGRAM = path.join(import.meta.dirname, '../../test/support/ephemeral-host.ts');

let closing = new ClosingStack();
let registryDir = '';
beforeEach(async () => {
  registryDir = await mkdtemp(path.join(os.tmpdir(), 'wonderland-registry-'));
});
afterEach(async () => {
  await closing[Symbol.asyncDispose]();
  closing = new ClosingStack();
  await rm(registryDir, { recursive: true, force: true });
});

interface Hosted {
  readonly child: ChildProcess;
  readonly plan: EphemeralHostPlan;
  /** Of its parts, and of what those started. */
  readonly pids: readonly number[];
}

/** A stack in a process of its own; one part of it is frozen. */
async function hostElsewhere(external?: EphemeralHostPlan['external']): Promise<Hosted> {
  const id = ids.hex(8);
  const directory = path.join(os.tmpdir(), `wonderland-${id}`);
  closing.defer(() => rm(directory, { recursive: true, force: true }));
  const plan = { registryDir, directory, id, ...(external === undefined ? {} : { external }) };
  const words = ['--import', 'tsx', PROGRAM, JSON.stringify(plan)];
  const pids: number[] = [];
  // After the host, which would start them again: what is frozen does not end by itself.
  closing.defer(() => running(pids).forEach((pid) => process.kill(pid, 'SIGKILL')));
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  closing.defer(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const parts = JSON.parse(line) as readonly number[];
  pids.push(...parts.flatMap((pid) => familyOf(pid)));
  return { child, plan, pids };
}

/** As `kill -9`. */
async function killHard(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const running = (pids: readonly number[]): readonly number[] =>
  pids.filter((pid) => identify(pid) !== undefined);

describe('an ephemeral stack whose process was killed', () => {
  it('leaves what is frozen and its directory, and both go with the note of it', async () => {
    const { child, plan, pids } = await hostElsewhere();
    expect(pids).toHaveLength(3);
    const [lively, frozen = 0] = pids;
    await killHard(child);
    await expect.poll(() => running(pids)).not.toContain(lively);
    expect(running(pids)).toEqual(pids.slice(1));
    expect(existsSync(plan.directory)).toBe(true);

    const { id, directory } = plan;
    expect(await healLeftovers(registryDir, clock)).toEqual([{ id, directory, pids: [frozen] }]);
    await expect.poll(() => running(pids)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
    expect(await readdir(registryDir)).toEqual([]);
    expect(await healLeftovers(registryDir, clock)).toEqual([]);
  });

  it('is left alone while its process lives', async () => {
    const { plan, pids } = await hostElsewhere();
    expect(await healLeftovers(registryDir, clock)).toEqual([]);
    expect(running(pids)).toEqual(pids);
    expect(existsSync(plan.directory)).toBe(true);
    expect(notedEphemerals(registryDir)).toMatchObject([{ entry: { id: plan.id } }]);
  });

  it('is healed once by two who come at the same time', async () => {
    const { child, plan, pids } = await hostElsewhere();
    await killHard(child);
    const both = await Promise.all([1, 2].map(() => healLeftovers(registryDir, clock)));
    for (const { trouble } of both.flat()) expect(trouble).toBeUndefined();
    await expect.poll(() => running(pids)).toEqual([]);
    expect(existsSync(plan.directory)).toBe(false);
  });

  it('has its queues and schemas removed from servers of others', async () => {
    const namespace = `e${ids.hex(8)}`;
    const external = { amqpUrl: inject('amqpUrl'), databaseUrl: inject('databaseUrl'), namespace };
    const { child } = await hostElsewhere(external);
    const client = new Client({ connectionString: external.databaseUrl });
    await client.connect();
    closing.defer(() => client.end());
    const connection = await connect(external.amqpUrl);
    closing.defer(() => connection.close());
    const [queue] = topologyOf(namesOf(namespace)).queues;
    const name = queue?.name ?? '';
    expect(name).toContain(namespace);
    const [schema] = schemasOf(namespace);
    await client.query(`CREATE SCHEMA "${schema}"`);
    await (await connection.createChannel()).assertQueue(name);
    await killHard(child);
    expect(await healLeftovers(registryDir, clock)).toMatchObject([{ namespace }]);
    const found = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
    expect(found.rowCount).toBe(0);
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await expect(channel.checkQueue(name)).rejects.toThrow('NOT_FOUND');
    expect(notedEphemerals(registryDir)).toEqual([]);
  });

  it('stays noted, with the reason, while the servers of others do not answer', async () => {
    const amqpUrl = `amqp://guest:guest@127.0.0.1:${await freePort()}`;
    const external = { amqpUrl, databaseUrl: inject('databaseUrl'), namespace: 'e1' };
    const { child, plan, pids } = await hostElsewhere(external);
    await killHard(child);
    const [healed] = await healLeftovers(registryDir, clock);
    expect(healed?.trouble).toContain('The broker does not answer');
    expect(healed?.namespace).toBeUndefined();
    await expect.poll(() => running(pids)).toEqual([]);
    expect(notedEphemerals(registryDir)).toMatchObject([{ entry: { id: plan.id } }]);
  });
});

describe('the notes', () => {
  it('can be read by their user only', async () => {
    const { plan } = await hostElsewhere();
    const file = path.join(registryDir, 'ephemeral', `${plan.id}.json`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
  });

  it('that are damaged, or name a directory that is not ours, remove nothing', async () => {
    const { child, plan } = await hostElsewhere();
    const file = path.join(registryDir, 'ephemeral', `${plan.id}.json`);
    const precious = await mkdtemp(path.join(os.tmpdir(), 'precious-'));
    closing.defer(() => rm(precious, { recursive: true, force: true }));
    const [noted] = notedEphemerals(registryDir);
    await killHard(child);
    for (const text of ['{', '[]', JSON.stringify({ ...noted?.entry, directory: precious })]) {
      await writeFile(file, text);
      expect(await healLeftovers(registryDir, clock)).toEqual([]);
      expect(notedEphemerals(registryDir)).toEqual([{ file, entry: undefined }]);
    }
    expect(existsSync(precious)).toBe(true);
    await writeFile(file, JSON.stringify(noted?.entry));
    expect(await healLeftovers(registryDir, clock)).toHaveLength(1);
  });
});
