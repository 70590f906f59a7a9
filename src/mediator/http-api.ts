/** What every route works with: the typed server, and the mediator behind it. */
import { fastify } from 'fastify';
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
  return server.withTypeProvider<ZodTypeProvider>();
}

export type HttpServer = ReturnType<typeof newServer>;
