// Goal: a database that is away, read-only, slow or full costs time and nothing else, and says so. Method: real
// servers and files in real trouble under load; then the audit of all databases.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import Database from 'better-sqlite3';
import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { Load } from '../support/load.ts';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres.ts';
import { ShopClient } from '../support/shop-client.ts';
import { openShop, type TestShop } from '../support/shop.ts';

interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail?: string;
  }[];
}

const readiness = async (client: ShopClient): Promise<Readiness> =>
  (await (await client.get('/readyz')).json()) as Readiness;

/** Why a part is not ready, in the words of the shop. */
const detailOf = async (client: ShopClient, name: string): Promise<string | undefined> =>
  (await readiness(client)).checks.find((each) => each.name === name)?.detail;

const untilReady = async (client: ShopClient): Promise<void> => {
  await expect.poll(async () => (await readiness(client)).ready, { timeout: 30_000 }).toBe(true);
};

let shop: TestShop;
let client: ShopClient;
let load: Load;

const begin = async (): Promise<void> => {
  client = await ShopClient.open(shop);
  load = new Load(shop.url, await client.stock(100_000));
  await load.untilTaken(20);
};
/** Everything goes on by itself, and nothing was lost or done twice. */
const recover = async (): Promise<number> => {
  await untilReady(client);
  await load.untilTaken(20);
  await load.end();
  await load.expectAllSold(client);
  return load.ids.length;
};

describe('PostgreSQL', () => {
  let postgres: OwnPostgres;

  beforeAll(async () => {
    postgres = await startOwnPostgres();
    shop = await openShop([], { databaseUrl: postgres.url });
  });
  afterAll(async () => {
    await shop[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });
  beforeEach(begin);
  afterEach(async () => {
    await load.giveUp();
    await client[Symbol.asyncDispose]();
  });

  const expectRefusal = async (words: RegExp): Promise<void> => {
    await expect.poll(() => detailOf(client, 'database')).toMatch(words);
    const response = await client.place();
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({
      error: { code: 'database-unreachable', hint: expect.stringContaining('Idempotency-Key') },
    });
  };

  test.each(['fast', 'immediate'] as const)(
    'is stopped (%s) and started again',
    async (how) => {
      await postgres.stop(how);
      await expectRefusal(/does not run|stopping|lost/);
      await postgres.start();
      expect(await recover()).toBeGreaterThan(40);
    },
    60_000,
  );

  test('is read-only for a while', async () => {
    await postgres.run(
      'ALTER SYSTEM SET default_transaction_read_only = on',
      'SELECT pg_reload_conf()',
    );
    await expectRefusal(/read-only/);
    await postgres.run(
      'ALTER SYSTEM RESET default_transaction_read_only',
      'SELECT pg_reload_conf()',
    );
    expect(await recover()).toBeGreaterThan(40);
  }, 60_000);

  test('ends connections in the middle of their work', async () => {
    for (let round = 0; round < 5; round++) {
      await postgres.run(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE pid <> pg_backend_pid() AND application_name LIKE 'wonderland %'`,
      );
      await load.untilTaken(2);
    }
    expect(await recover()).toBeGreaterThan(40);
  }, 60_000);

  test('stands still: whoever orders hears of it in time', async () => {
    const blocker = await postgres.connect();
    await blocker.query('BEGIN');
    const { namespace } = shop.settings;
    await blocker.query(`LOCK TABLE ${namespace}_mediator.saga IN ACCESS EXCLUSIVE MODE`);
    const first = await client.place();
    expect(first.status).toBe(503);
    expect((await client.place()).status).toBe(503);
    await blocker.end();
    expect(await recover()).toBeGreaterThan(40);
  }, 60_000);

  const takeAllConnections = async (clients: Client[]): Promise<void> => {
    for (;;) {
      const next = await postgres.connect().catch(() => undefined);
      if (next === undefined) return;
      clients.push(next);
    }
  };

  test('has no connection left', async () => {
    const clients: Client[] = [];
    // The shop connects again as fast as we do: until none of its connections is left.
    for (let left = 1; left > 0;) {
      await takeAllConnections(clients);
      const answer = await clients[0]?.query<{ left: number }>(
        `SELECT count(pg_terminate_backend(pid))::int AS left FROM pg_stat_activity
         WHERE application_name LIKE 'wonderland %'`,
      );
      left = answer?.rows[0]?.left ?? 0;
    }
    await expect.poll(() => detailOf(client, 'database')).toMatch(/no connection left/);
    await Promise.all(clients.map((each) => each.end()));
    expect(await recover()).toBeGreaterThan(40);
  }, 120_000);
});

const FILES = ['inventory', 'payment', 'notification'] as const;

describe('a SQLite file', () => {
  beforeEach(async () => {
    shop = await openShop();
    await begin();
  });
  afterEach(async () => {
    await load.giveUp();
    await client[Symbol.asyncDispose]();
    await shop[Symbol.asyncDispose]();
  });

  const lock = (name: string): (() => void) => {
    const database = new Database(path.join(shop.settings.dataDir ?? '', `${name}.db`));
    database.exec('BEGIN IMMEDIATE');
    return () => database.close();
  };

  test.each(FILES)(
    'of %s is locked by another program for a while',
    async (name) => {
      const unlock = lock(name);
      await expect.poll(() => detailOf(client, name)).toMatch(/locked by another program/);
      expect((await readiness(client)).ready).toBe(false);
      // Orders are kept; they wait for the part.
      const id = await client.begin();
      const attempts = async () => (await client.find(id)).waiting?.attempt;
      await expect.poll(attempts, { timeout: 15_000 }).toBeGreaterThan(1);
      unlock();
      expect(await recover()).toBeGreaterThan(40);
    },
    60_000,
  );

  test('of the log is locked for a while: orders go on', async () => {
    const unlock = lock('logs');
    await expect
      .poll(() => detailOf(client, 'logging'))
      .toMatch(/locked by another program|no answer/);
    await load.untilTaken(20);
    unlock();
    expect(await recover()).toBeGreaterThan(40);
  }, 60_000);
});

/** A file system of a few megabytes; undefined where nobody may mount one. */
function mountSmall(): { directory: string; unmount: () => void } | undefined {
  const directory = mkdtempSync(path.join(tmpdir(), 'wonderland-small-'));
  try {
    const words = ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', directory];
    execFileSync('mount', words, { stdio: 'ignore' });
  } catch {
    rmSync(directory, { recursive: true });
    return undefined;
  }
  const unmount = (): void => {
    execFileSync('umount', ['--lazy', directory]);
    rmSync(directory, { recursive: true, force: true });
  };
  return { directory, unmount };
}

describe('a disk', () => {
  let small: ReturnType<typeof mountSmall>;
  let directory: string;
  beforeEach(async (context) => {
    small = mountSmall();
    context.skip(small === undefined, 'only root may mount a small disk');
    directory = small?.directory ?? '';
    shop = await openShop([], { dataDir: directory });
    await begin();
  });
  afterEach(async () => {
    if (small === undefined) return;
    await load.giveUp();
    await client[Symbol.asyncDispose]();
    await shop[Symbol.asyncDispose]();
    small.unmount();
  });

  test('that is full for a while says so, and loses nothing', async () => {
    const filler = path.join(directory, 'filler');
    const { bavail, bsize } = statfsSync(directory);
    writeFileSync(filler, Buffer.alloc(bavail * bsize));
    await expect.poll(() => detailOf(client, 'inventory')).toMatch(/disk is full/);
    await expect.poll(() => detailOf(client, 'payment')).toMatch(/disk is full/);
    rmSync(filler);
    expect(await recover()).toBeGreaterThan(40);
  }, 60_000);
});
