/** The mediator as a part: database, orchestrator, HTTP. */
import { required } from '../config/settings.ts';
import { ClosingStack } from '../kernel/closing.ts';
import type { Part } from '../messaging/part.ts';
import { RpcClient } from '../messaging/rpc-client.ts';
import { openPostgres, schemaOf } from '../storage/postgres.ts';
import { DeadLetterCollector } from './dead-letters/collector.ts';
import { DeadLetterDesk } from './dead-letters/desk.ts';
import { DeadLetterStore } from './dead-letters/store.ts';
import { startHttpServer } from './http-server.ts';
import { Journal } from './journal.ts';
import { MEDIATOR_MIGRATIONS } from './migrations.ts';
import { Orchestrator } from './orchestrator.ts';
import { startSagaQueries } from './saga-queries.ts';
import { SagaStore } from './saga-store.ts';
import { Shop } from './shop.ts';

const DATABASE_WITHIN_MS = 30_000;

export interface RunningMediator extends AsyncDisposable {
  /** Where the HTTP API listens on 127.0.0.1. */
  readonly port: number;
}

/** Serves until disposed: no new requests, replies in hand finished, confirms flushed. */
export async function startMediator(part: Part): Promise<RunningMediator> {
  const { settings, clock } = part;
  const closing = new ClosingStack();
  try {
    const pool = await openPostgres({
      url: required(settings.databaseUrl, 'WONDERLAND_DATABASE_URL'),
      schema: schemaOf(settings.namespace, 'mediator'),
      migrations: MEDIATOR_MIGRATIONS,
      clock,
      client: part.service,
      openWithinMs: DATABASE_WITHIN_MS,
    });
    closing.defer(() => pool.end());
    const store = new SagaStore(pool);
    const journal = closing.use(await Journal.open(part));
    closing.use(await startSagaQueries({ part, pool, journal }));
    const shop = new Shop(closing.use(await RpcClient.open(part)));
    const orchestrator = closing.use(new Orchestrator({ part, store, journal }));
    await orchestrator.start();
    const deadLetterStore = new DeadLetterStore(pool);
    await closing.use(new DeadLetterCollector(part, deadLetterStore)).start();
    const deadLetters = new DeadLetterDesk(part, deadLetterStore);
    const server = closing.use(
      await startHttpServer(
        { part, store, shop, journal, orchestrator, deadLetters },
        settings.httpPort,
      ),
    );
    // While the last orders come as far as they can, new ones are told to come again.
    closing.defer(() => orchestrator.drain());
    return { port: server.port, [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose]() };
  } catch (error) {
    await closing[Symbol.asyncDispose]();
    throw error;
  }
}
