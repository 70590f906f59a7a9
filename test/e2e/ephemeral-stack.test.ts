import { existsSync } from 'node:fs';

import { Client } from 'pg';
import { describe, expect, test } from 'vitest';

import { liveClock, liveIds } from '../../src/kernel/live.ts';
import { startEphemeralStack } from '../../src/stack/ephemeral-stack.ts';
import { identify } from '../../src/stack/process-identity.ts';
import type { StackStatus } from '../../src/stack/stack-status.ts';

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
    const options = { clock: liveClock, ids: liveIds };
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
  });

  test('that is interrupted while it starts leaves nothing', async () => {
    const stop = new AbortController();
    let dataDir = '';
    const starting = startEphemeralStack({
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
  });
});
