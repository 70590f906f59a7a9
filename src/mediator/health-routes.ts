/** Is it alive, and is it ready? */
import { z } from 'zod';

import type { HttpServer, Mediator } from './http-api.ts';
import { checkReadiness, type Readiness } from './readiness.ts';

const ReadinessBody = z.object({
  ready: z.boolean(),
  checks: z.array(
    z.object({
      name: z.string(),
      ok: z.boolean(),
      ms: z.number(),
      detail: z.string().optional(),
    }),
  ),
});

const CLOSING: Readiness = {
  ready: false,
  checks: [{ name: 'mediator', ok: false, ms: 0, detail: 'is closing' }],
};

export function registerHealthRoutes(server: HttpServer, mediator: Mediator): void {
  server.route({
    method: 'GET',
    url: '/healthz',
    schema: {
      summary: 'The process answers',
      response: { 200: z.object({ status: z.literal('ok') }) },
    },
    handler: () => ({ status: 'ok' as const }),
  });
  server.route({
    method: 'GET',
    url: '/readyz',
    schema: {
      summary: 'The database answers and a canary came back from every service',
      response: { 200: ReadinessBody, 503: ReadinessBody },
    },
    handler: async (_request, reply) => {
      const { ready, checks } = mediator.orchestrator.admission.isClosed
        ? CLOSING
        : await checkReadiness(mediator);
      return reply.status(ready ? 200 : 503).send({ ready, checks: [...checks] });
    },
  });
}
