import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { liveClock, liveIds } from '../../src/kernel/live.ts';
import { startEphemeralStack, type EphemeralStack } from '../../src/stack/ephemeral-stack.ts';
import { identify, isFrozen } from '../../src/stack/process-identity.ts';
import type { StackStatus } from '../../src/stack/stack-status.ts';

let registryDir = '';
beforeEach(async () => {
  registryDir = await mkdtemp(path.join(os.tmpdir(), 'wonderland-registry-'));
});
afterEach(() => rm(registryDir, { recursive: true, force: true }));

async function schemas(databaseUrl: string): Promise<readonly string[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ nspname: string }>(
      "SELECT nspname FROM pg_namespace WHERE nspname ~ '(mediator|customer)$'",
    );
    return rows.map(({ nspname }) => nspname).toSorted();
  } finally {
    await client.end();
  }
}

describe('an ephemeral stack', () => {
  test('serves, and leaves no process and no directory; on servers of others no schema either', async () => {
    let last: StackStatus | undefined;
    const options = { registryDir, clock: liveClock, ids: liveIds };
    const own = await startEphemeralStack({ ...options, onStatus: (status) => (last = status) });
    try {
      const { mediatorUrl, amqpUrl, databaseUrl } = own.endpoints;
      expect((await fetch(`${mediatorUrl}/readyz`)).status).toBe(200);

      const external = { engine: 'external', amqpUrl, databaseUrl } as const;
      const guest = await startEphemeralStack({ ...options, ...external });
      const { namespace } = guest.endpoints;
      expect(await schemas(databaseUrl)).toContain(`${namespace}_mediator`);
      expect((await fetch(`${guest.endpoints.mediatorUrl}/readyz`)).status).toBe(200);
      await guest[Symbol.asyncDispose]();
      expect(await schemas(databaseUrl)).toEqual(['customer', 'mediator']);
      expect((await fetch(`${mediatorUrl}/readyz`)).status).toBe(200);
    } finally {
      await own[Symbol.asyncDispose]();
    }
    expect(existsSync(own.endpoints.dataDir)).toBe(false);
    for (const part of last?.parts ?? []) expect(identify(part.pid ?? 0)).toBeUndefined();
    expect(await readdir(registryDir)).toEqual([]);
  });

  test('that is interrupted while it starts leaves nothing', async () => {
    const stop = new AbortController();
    let dataDir = '';
    const starting = startEphemeralStack({
      registryDir,
      clock: liveClock,
      ids: liveIds,
      signal: stop.signal,
      onStatus(status) {
        dataDir = status.endpoints?.dataDir ?? '';
        if (status.parts.some((part) => part.state === 'ready')) stop.abort();
      },
    });
    await expect(starting).rejects.toMatchObject({ code: 'interrupted' });
    expect(dataDir).not.toBe('');
    expect(existsSync(dataDir)).toBe(false);
    expect(await readdir(registryDir)).toEqual([]);
  });
});

const isServing = async ({ endpoints }: EphemeralStack): Promise<boolean> =>
  fetch(`${endpoints.mediatorUrl}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Longer than any test. */
const AGES_MS = 500_000;

/** Seven times, a whole stack has to find its servers again. */
const LIMIT = { timeout: 180_000 };

describe('the control of an ephemeral stack', LIMIT, () => {
  test('takes down each server and part of its own, and heals all of it', async () => {
    const options = { registryDir, clock: liveClock, ids: liveIds };
    let last: StackStatus | undefined;
    await using stack = await startEphemeralStack({
      ...options,
      scale: { mediator: 2 },
      onStatus: (status) => (last = status),
    });
    expect(stack.endpoints.moreMediatorUrls).toHaveLength(1);
    const [second = ''] = stack.endpoints.moreMediatorUrls ?? [];
    await stack.control.crash({ part: 'mediator', instance: 'mediator-2' }, AGES_MS);
    await expect(fetch(`${second}/readyz`)).rejects.toThrow('fetch failed');
    expect(await isServing(stack)).toBe(true);
    await stack.control.heal();
    expect((await fetch(`${second}/readyz`)).status).toBe(200);
    for (const part of ['broker', 'database']) {
      for (const deed of ['crash', 'hang', 'restart'] as const) {
        await stack.control[deed]({ part }, AGES_MS);
        await expect.poll(() => isServing(stack)).toBe(false);
        await stack.control.heal();
        expect(await isServing(stack)).toBe(true);
      }
    }
    // Frozen, PostgreSQL has processes that outlive a simple kill of the group.
    const { pid = 0 } = last?.parts.find(({ name }) => name === 'postgres') ?? {};
    expect(pid).toBeGreaterThan(0);
    await stack.control.hang({ part: 'database' }, AGES_MS);
    await stack.control.crash({ part: 'database' }, AGES_MS);
    await stack.control.heal();
  });

  test('cuts one stack off from servers of others, and nobody else', async () => {
    const options = { registryDir, clock: liveClock, ids: liveIds };
    await using owner = await startEphemeralStack(options);
    const { amqpUrl, databaseUrl } = owner.endpoints;
    const external = { engine: 'external', amqpUrl, databaseUrl } as const;
    await using guest = await startEphemeralStack({ ...options, ...external });
    expect(guest.endpoints.amqpUrl).not.toBe(amqpUrl);
    for (const part of ['broker', 'database']) {
      for (const deed of ['crash', 'hang', 'restart'] as const) {
        await guest.control[deed]({ part }, AGES_MS);
        await expect.poll(() => isServing(guest)).toBe(false);
        expect(await isServing(owner)).toBe(true);
        await guest.control.heal();
        expect(await isServing(guest)).toBe(true);
      }
    }
    await guest.control.crash({ part: 'broker' }, undefined);
    await expect.poll(() => isServing(guest)).toBe(true);
  });
});

test('an ephemeral stack whose process was killed while its database hung is removed by the next one', async () => {
  const program = path.join(import.meta.dirname, '../support/ephemeral-process.ts');
  const host = spawn(process.execPath, ['--import', 'tsx', program, registryDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(host.stdout.setEncoding('utf8'), 'data')) as [string];
  const { dataDir, family } = JSON.parse(line) as { dataDir: string; family: readonly number[] };
  const left = (): readonly number[] => family.filter((pid) => identify(pid) !== undefined);
  const ended = once(host, 'exit');
  host.kill('SIGKILL');
  await ended;
  // The guard, the server, and processes of the server that lead sessions of their own.
  expect(left().filter(isFrozen).length).toBeGreaterThan(2);
  expect(existsSync(dataDir)).toBe(true);
  const stop = new AbortController();
  const next = startEphemeralStack({
    registryDir,
    clock: liveClock,
    ids: liveIds,
    signal: stop.signal,
    onStatus: () => stop.abort(),
  });
  await expect(next).rejects.toMatchObject({ code: 'interrupted' });
  await expect.poll(left).toEqual([]);
  expect(existsSync(dataDir)).toBe(false);
  expect(await readdir(registryDir)).toEqual([]);
});
