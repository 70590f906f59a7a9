import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import { describe, expect, it } from 'vitest';

import { requireServers, tryBroker, tryDatabase } from './server-access.ts';

const BROKER = 'amqp://guest:guest@127.0.0.1:5672';
const DATABASE = 'postgres://postgres:hush@127.0.0.1:5432/postgres';

describe('a broker that exists', () => {
  it('is fine when it takes the login', async () => {
    await expect(tryBroker(BROKER)).resolves.toBeUndefined();
  });

  it('that refuses the password is told as such, without the password', async () => {
    const failure = tryBroker('amqp://guest:topsecret@127.0.0.1:5672');
    await expect(failure).rejects.toMatchObject({
      code: 'broker-unreachable',
      exit: 4,
      message: 'The broker at 127.0.0.1:5672 refused the login of "guest"',
      hint: expect.stringContaining('WONDERLAND_AMQP_URL') as string,
    });
    await expect(failure).rejects.not.toThrow('topsecret');
  });

  it('that lacks the virtual host names it', async () => {
    await expect(tryBroker(`${BROKER}/no-such-place`)).rejects.toMatchObject({
      message:
        'The broker at 127.0.0.1:5672 has no virtual host "no-such-place", or "guest" may not use it',
    });
  });
});

describe('a database server that exists', () => {
  it('is fine when it takes the login', async () => {
    await expect(tryDatabase(DATABASE)).resolves.toBeUndefined();
  });

  it('that refuses the user is told as such', async () => {
    await expect(
      tryDatabase(DATABASE.replace('postgres:hush', 'nobody-at-all:x')),
    ).rejects.toMatchObject({
      code: 'database-unreachable',
      exit: 4,
      message: 'PostgreSQL at 127.0.0.1:5432 refused the login of "nobody-at-all"',
    });
  });

  it('that lacks the database names it', async () => {
    await expect(tryDatabase(`${DATABASE}_no_such`)).rejects.toMatchObject({
      message: 'PostgreSQL at 127.0.0.1:5432 has no database "postgres_no_such"',
    });
  });
});

describe('before a start', () => {
  it('names both servers when nothing listens for either', async () => {
    const databaseUrl = 'postgres://u:p@127.0.0.1:1/x';
    await expect(
      requireServers({ amqpUrl: 'amqp://u:p@127.0.0.1:1', databaseUrl }),
    ).rejects.toMatchObject({
      message: 'No broker listens at 127.0.0.1:1; No PostgreSQL listens at 127.0.0.1:1',
    });
  });

  it('gives up on servers that take the connection and say nothing', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    try {
      const amqpUrl = `amqp://u:p@127.0.0.1:${port}`;
      const databaseUrl = `postgres://u:p@127.0.0.1:${port}/x`;
      await expect(requireServers({ amqpUrl, databaseUrl })).rejects.toMatchObject({
        message: expect.stringContaining(
          `The broker at 127.0.0.1:${port} does not answer`,
        ) as string,
      });
    } finally {
      silent.close();
    }
  });
});
