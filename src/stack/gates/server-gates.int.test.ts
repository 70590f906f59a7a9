import { expect, inject, it } from 'vitest';

import { liveClock as clock } from '../../kernel/live.ts';
import { requireServers } from '../server-access.ts';
import { openServerGates } from './server-gates.ts';

const AGES_MS = 500_000;

it('servers answer through their gates, under the same user, path and options, and not while a gate is shut', async () => {
  const servers = { amqpUrl: inject('amqpUrl'), databaseUrl: inject('databaseUrl') };
  await using gates = await openServerGates(servers, clock);
  const { urls, broker, database } = gates;
  await requireServers(urls);
  for (const [gated, own] of [
    [urls.amqpUrl, servers.amqpUrl],
    [urls.databaseUrl, servers.databaseUrl],
  ] as const) {
    const { username, password, pathname, search, port } = new URL(gated);
    expect(new URL(own)).toMatchObject({ username, password, pathname, search });
    expect(port).not.toBe(new URL(own).port);
  }
  broker?.shut(AGES_MS, { abruptly: true });
  await expect(requireServers(urls)).rejects.toMatchObject({ code: 'broker-unreachable' });
  await broker?.heal();
  database?.shut(AGES_MS, { abruptly: false });
  await expect(requireServers(urls)).rejects.toMatchObject({ code: 'database-unreachable' });
  await database?.heal();
  await requireServers(urls);
});

it('no gate stands before a server that proves who it is, or has no port', async () => {
  const amqpUrl = 'amqps://guest:guest@broker.example/shop';
  for (const end of [
    'localhost/shop?sslmode=require',
    'localhost/shop?ssl=true',
    'localhost/shop?host=/run/pg',
  ]) {
    const servers = { amqpUrl, databaseUrl: `postgres://alice@${end}` };
    await using gates = await openServerGates(servers, clock);
    expect(gates).toMatchObject({ urls: servers, broker: undefined, database: undefined });
  }
});

it('a server without a port in its URL is expected where such servers listen', async () => {
  const servers = {
    amqpUrl: 'amqp://guest:p%40ss@[::1]/%2F',
    databaseUrl: 'postgresql://alice:x@localhost/shop?sslmode=disable&application_name=t',
  };
  await using gates = await openServerGates(servers, clock);
  expect(gates.broker?.upstream).toEqual({ host: '::1', port: 5672 });
  expect(gates.database?.upstream).toEqual({ host: 'localhost', port: 5432 });
  expect(gates.urls).toEqual({
    amqpUrl: `amqp://guest:p%40ss@127.0.0.1:${gates.broker?.port}/%2F`,
    databaseUrl: `postgresql://alice:x@127.0.0.1:${gates.database?.port}/shop?sslmode=disable&application_name=t`,
  });
});
