import { expect, it } from 'vitest';

import { newServer } from './http-api.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** Answers the body that a route is given. */
function echo() {
  const server = newServer();
  server.post('/', (request, reply) => reply.send({ body: request.body ?? null }));
  return (payload: string) =>
    server.inject({ method: 'POST', url: '/', headers: JSON_TYPE, payload });
}

it('takes no body for no body, also when it is called JSON', async () => {
  const answer = await echo()('');
  expect({ status: answer.statusCode, body: answer.json<unknown>() }).toEqual({
    status: 200,
    body: { body: null },
  });
});

it.each([
  ['{"a":1}', 200],
  ['{"a":', 400],
  ['{"__proto__":{"a":1}}', 400],
])('%s is answered with %d', async (payload, status) => {
  expect((await echo()(payload)).statusCode).toBe(status);
});
