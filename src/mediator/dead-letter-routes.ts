/** Dead letters over HTTP: looking at them, sending them again, dropping them. */
import { z } from 'zod';

import {
  DEAD_LETTER_STATES,
  DeadLetterDetail,
  DeadLetterFilter,
  DeadLetterId,
  DeadLetterList,
  DeadLetterOutcome,
  DeadLetterSelection,
  MAX_DEAD_LETTERS,
} from '../contracts/dead-letters.ts';
import { ErrorBody } from './http-errors.ts';
import type { HttpServer, Mediator } from './http-api.ts';

const ListQuery = DeadLetterFilter.extend({
  state: z.enum(DEAD_LETTER_STATES).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_DEAD_LETTERS).default(100),
});

export function registerDeadLetterRoutes(
  server: HttpServer,
  { deadLetters }: Pick<Mediator, 'deadLetters'>,
): void {
  server.route({
    method: 'GET',
    url: '/dead-letters',
    schema: {
      summary: 'Messages that were given up, the newest death first',
      querystring: ListQuery,
      response: { 200: DeadLetterList, '4xx': ErrorBody, 503: ErrorBody },
    },
    handler: ({ query: { limit, ...filter } }) => deadLetters.list(filter, limit),
  });
  server.route({
    method: 'GET',
    url: '/dead-letters/:id',
    schema: {
      summary: 'A dead letter with its properties and its body',
      params: z.object({ id: DeadLetterId }),
      response: { 200: DeadLetterDetail, '4xx': ErrorBody, 503: ErrorBody },
    },
    handler: ({ params }) => deadLetters.show(params.id),
  });
  server.route({
    method: 'POST',
    url: '/dead-letters/retry',
    schema: {
      summary: 'Send dead letters to their queues again, under their own message ids',
      body: DeadLetterSelection,
      response: { 200: DeadLetterOutcome, '4xx': ErrorBody, 503: ErrorBody },
    },
    handler: ({ body }) => deadLetters.retry(body),
  });
  server.route({
    method: 'POST',
    url: '/dead-letters/drop',
    schema: {
      summary: 'Remove dead letters for good',
      body: DeadLetterSelection,
      response: { 200: DeadLetterOutcome, '4xx': ErrorBody, 503: ErrorBody },
    },
    handler: ({ body }) => deadLetters.drop(body),
  });
}
