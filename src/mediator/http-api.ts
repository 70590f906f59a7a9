/** What every route works with: the typed server, and the mediator behind it. */
import { fastify, type FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';

import type { Part } from '../messaging/part.ts';
import type { DeadLetterDesk } from './dead-letters/desk.ts';
import type { Journal } from './journal.ts';
import type { Orchestrator } from './orchestrator.ts';
import type { SagaStore } from './saga-store.ts';
import type { Shop } from './shop.ts';

const BODY_LIMIT_BYTES = 65_536;

export interface Mediator {
  readonly part: Part;
  readonly store: SagaStore;
  readonly shop: Shop;
  readonly journal: Journal;
  readonly orchestrator: Orchestrator;
  readonly deadLetters: DeadLetterDesk;
}

/** A server whose routes are typed and checked by zod schemas. Its closing waits for answers under way. */
export function newServer() {
  const server = fastify({ bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: 'idle' });
  takeEmptyBodies(server);
  return server.withTypeProvider<ZodTypeProvider>();
}

/** Clients that call everything JSON send nothing as JSON too, as with a cancel; what needs a body says so itself. */
function takeEmptyBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  const options = { parseAs: 'string' } as const;
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser('application/json', options, (request, body, done) => {
    if (body === '') done(null);
    else void parse(request, String(body), done);
  });
}

export type HttpServer = ReturnType<typeof newServer>;
