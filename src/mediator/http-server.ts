/** The HTTP API: orders, the catalogue, customers, live events, health, and its own description. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';

import type { Part } from '../messaging/part.ts';
import { registerDeadLetterRoutes } from './dead-letter-routes.ts';
import { registerEventRoutes } from './event-routes.ts';
import { registerHealthRoutes } from './health-routes.ts';
import { newServer, type HttpServer, type Mediator } from './http-api.ts';
import { askAgain, problemOf } from './http-errors.ts';
import { registerOrderRoutes } from './order-routes.ts';
import { registerShopRoutes } from './shop-routes.ts';

/** Then connections are cut. */
const CLOSE_WITHIN_MS = 2_000;

/** Listens on 127.0.0.1; port 0 takes a free one. Answers the port. */
export async function startHttpServer(
  mediator: Mediator,
  port: number,
): Promise<{ port: number } & AsyncDisposable> {
  const server = newServer();
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  await describe(server);
  registerOrderRoutes(server, mediator);
  registerEventRoutes(server, mediator);
  registerShopRoutes(server, mediator);
  registerDeadLetterRoutes(server, mediator);
  registerHealthRoutes(server, mediator);
  handleErrors(server, mediator.part);
  // A connection that stays would hold up the closing.
  server.addHook('onSend', async (_request, reply) => {
    if (mediator.orchestrator.admission.isClosed) void reply.header('connection', 'close');
  });
  await server.listen({ host: '127.0.0.1', port });
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    [Symbol.asyncDispose]: () => close(server, mediator.part),
  };
}

/** Answers under way are finished, on connections that end with them. */
async function close(server: HttpServer, { clock }: Part): Promise<void> {
  const limit = clock.after(CLOSE_WITHIN_MS, () => server.server.closeAllConnections());
  await server.close();
  limit.cancel();
}

async function describe(server: HttpServer): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Wonderland Bookstore',
        description: 'The mediator: takes orders and runs each as a saga.',
        version: '1',
      },
    },
    transform: jsonSchemaTransform,
  });
  await server.register(swaggerUi, { routePrefix: '/docs' });
  server.get('/openapi.json', { schema: { hide: true } }, () => server.swagger());
}

function handleErrors(server: HttpServer, part: Part): void {
  // fastify's own type: the handler is the same for every provider.
  const plain: FastifyInstance = server;
  plain.setErrorHandler((error, request, reply) => {
    const again = askAgain(request.method, request.routeOptions.url ?? '');
    const { status, body } = problemOf(error, again);
    if (status >= 500 && status !== 503) {
      part.logger.log(
        'error',
        `${request.method} ${request.routeOptions.url ?? ''} failed: ${String(error)}`,
      );
    }
    if (status === 503) void reply.header('retry-after', '1');
    return reply.status(status).send(body);
  });
  plain.setNotFoundHandler((request, reply) => {
    const message = `There is no ${request.method} ${request.url.slice(0, 100)}`;
    const hint = 'GET /docs shows what there is.';
    return reply
      .status(404)
      .send({ error: { code: 'invalid-request', message, hint, retryable: false, details: {} } });
  });
}
