// Goal: "every row of the saga log is in the log store exactly once" is true of killed processes. Method: kill -9, count.
import path from 'node:path';

import Database from 'better-sqlite3';
import { Client } from 'pg';
import { expect, test } from 'vitest';

import { ClosingStack } from '../../src/kernel/closing.ts';
import { liveIds } from '../../src/kernel/live.ts';
import { StackHome } from './stack-home.ts';

const CUSTOMERS = 8;
const ORDERS = 160;
/** Who dies when so many orders were answered. */
const DEATHS = new Map([
  [20, 'logging'],
  [50, 'mediator'],
  [80, 'logging'],
  [110, 'broker'],
  [130, 'mediator'],
]);
const POLL = { timeout: 40_000, interval: 100 };

test(
  'the log store has every row of the saga log once, though logging, mediators and the broker were killed under load',
  { timeout: 180_000 },
  async () => {
    await using home = await StackHome.open();
    await using closing = new ClosingStack();
    await home.running();
    const { mediatorUrl, databaseUrl, dataDir } = await endpointsOf(home);
    let answered = 0;
    const customer = async (n: number): Promise<void> => {
      for (let order = n; order < ORDERS; order += CUSTOMERS) {
        await place(mediatorUrl, (order % 60) + 1);
        const victim = DEATHS.get(++answered);
        if (victim !== undefined) await kill(home, victim);
      }
    };
    await Promise.all(Array.from({ length: CUSTOMERS }, (_, n) => customer(n)));

    const database = new Client({ connectionString: databaseUrl });
    database.on('error', () => undefined);
    await database.connect();
    closing.defer(() => database.end());
    const count = async (sql: string): Promise<number> =>
      (await database.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${sql}`)).rows[0]
        ?.count ?? -1;
    expect(await count('mediator.saga')).toBe(ORDERS);
    await expect.poll(() => count("mediator.saga WHERE pending <> '[]'"), POLL).toBe(0);
    const logged = async (): Promise<readonly string[]> =>
      (
        await database.query<{ id: string }>(
          "SELECT 'saga-' || saga_id || '-' || seq AS id FROM mediator.saga_log",
        )
      ).rows.map((each) => each.id);
    expect((await logged()).length).toBeGreaterThan(ORDERS * 4);
    // Both are read anew: an order that rests may be shipped meanwhile.
    const missing = async (): Promise<readonly string[]> => {
      const found = new Set(stored(dataDir));
      return (await logged()).filter((id) => !found.has(id));
    };
    await expect.poll(missing, POLL).toEqual([]);
    const ids = stored(dataDir);
    const known = new Set(await logged());
    expect(ids.filter((id) => !known.has(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  },
);

async function endpointsOf(
  home: StackHome,
): Promise<{ mediatorUrl: string; databaseUrl: string; dataDir: string }> {
  const { stdout } = await home.cli(['env', '--json']);
  const { result } = JSON.parse(stdout) as { result: Record<string, string> };
  return {
    mediatorUrl: result['WONDERLAND_URL'] ?? '',
    databaseUrl: result['WONDERLAND_DATABASE_URL'] ?? '',
    dataDir: home.file('data'),
  };
}

/** The process that plays this part at the moment: an earlier death may not be over yet. */
async function kill(home: StackHome, name: string): Promise<void> {
  await expect
    .poll(async () => {
      const pid = (await home.status()).parts.find((part) => part.name === name)?.pid;
      return pid !== undefined && process.kill(pid, 'SIGKILL');
    }, POLL)
    .toBe(true);
}

/** Until the mediator answers, under one key: as a customer does whose connection breaks. */
async function place(url: string, bookId: number): Promise<void> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': liveIds.uuid() };
  const body = JSON.stringify({
    customerId: 'alice',
    lines: [{ bookId, quantity: 1 }],
    payment: { kind: 'visa', token: 'tok_visa' },
  });
  await expect
    .poll(
      () =>
        fetch(`${url}/orders`, { method: 'POST', headers, body }).then(
          ({ status }) => status === 201 || status === 202,
          () => false,
        ),
      { timeout: 40_000, interval: 50 },
    )
    .toBe(true);
}

/** Ids of whatever the log store has about something that happened to an order. */
function stored(dataDir: string): string[] {
  const database = new Database(path.join(dataDir, 'logs.db'), { readonly: true });
  try {
    const words =
      "service = 'mediator' AND message GLOB 'order [a-z]*' AND message NOT LIKE '% is %'";
    return database.prepare<[], string>(`SELECT id FROM record WHERE ${words}`).pluck().all();
  } finally {
    database.close();
  }
}
