import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';

import { ClosingStack } from '../../kernel/closing.ts';
import { liveClock } from '../../kernel/live.ts';
import { openHttp, type Http } from './http.ts';

let closing = new ClosingStack();
afterEach(async () => {
  await closing[Symbol.asyncDispose]();
  closing = new ClosingStack();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.defer(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers everything, and counts. */
async function good(): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  const url = await serve((request, response) => {
    if (request.url !== '/healthz') asked += 1;
    response.setHeader('content-type', 'application/json').end('{"well":true}');
  });
  return { url, asked: () => asked };
}

const NOBODY = 'http://127.0.0.1:1';
const well = { path: '/', answer: z.object({ well: z.literal(true) }) };

function open(baseUrl: string, ...moreUrls: readonly string[]): Http {
  const { signal } = new AbortController();
  return openHttp({ baseUrl, moreUrls, signal, clock: liveClock });
}

it('asks the next mediator when the first is not there, and stays with the one that answered', async () => {
  const second = await good();
  const http = open(NOBODY, second.url);
  await http.exchange(well);
  await http.exchange(well);
  expect(second.asked()).toBe(2);
});

it('asks the next mediator when the first dies over the request', async () => {
  const second = await good();
  const first = await serve((request) => request.socket.destroy());
  expect(await open(first, second.url).exchange(well)).toEqual({ well: true });
});

it('asks the next mediator when the first hangs, as one that is paused does', async () => {
  const second = await good();
  const first = await serve(() => undefined);
  expect(await open(first, second.url).exchange(well)).toEqual({ well: true });
  expect(second.asked()).toBe(1);
});

it('leaves a mediator its time that is slow, but alive', async () => {
  const second = await good();
  let answer = (): void => undefined;
  let signsOfLife = 0;
  const first = await serve((request, response) => {
    if (request.url !== '/healthz') {
      answer = () => response.end('{"well":true}');
      return;
    }
    response.end('{}');
    if (++signsOfLife === 2) answer();
  });
  expect(await open(first, second.url).exchange(well)).toEqual({ well: true });
  expect(signsOfLife).toBe(2);
  expect(second.asked()).toBe(0);
});

it('takes the word of the first that answers, be it a refusal', async () => {
  const second = await good();
  const first = await serve((_request, response) => {
    const error = { code: 'overloaded', message: 'not now' };
    response.writeHead(503, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
  });
  await expect(open(first, second.url).exchange(well)).rejects.toMatchObject({
    code: 'overloaded',
  });
  expect(second.asked()).toBe(0);
});

it('says that nobody answers when nobody does', async () => {
  await expect(open(NOBODY, 'http://127.0.0.1:2').exchange(well)).rejects.toMatchObject({
    code: 'stack-not-running',
  });
});
