/** Live order events as server-sent events: what happened so far, then what happens, as it happens. */
import type { HttpServer, Mediator } from './http-api.ts';
import { EventStream } from './event-stream.ts';
import { findOrder, OrderParams } from './order-routes.ts';
import { journalOf } from './transition.ts';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
};

export function registerEventRoutes(server: HttpServer, { store, journal, part }: Mediator): void {
  server.route({
    method: 'GET',
    url: '/events',
    schema: { summary: 'Events of all orders from now on (text/event-stream)' },
    handler: (_request, reply) => {
      const stream = new EventStream(part.clock);
      stream.onClose(journal.listen((entry) => stream.send(entry)));
      return reply.headers(HEADERS).send(stream.readable);
    },
  });
  server.route({
    method: 'GET',
    url: '/orders/:id/events',
    schema: {
      summary: 'Events of an order from its beginning; ends with the saga (text/event-stream)',
      params: OrderParams,
    },
    handler: async ({ params }, reply) => {
      const { id } = await findOrder(store, params.id);
      const stream = new EventStream(part.clock);
      stream.hold();
      // Listening first, reading second: nothing can happen in between unseen.
      stream.onClose(
        journal.listen((entry) => {
          if (entry.orderId !== id) return;
          stream.send(entry);
          if (!entry.open) stream.end();
        }),
      );
      const row = await findOrder(store, id);
      stream.release(journalOf({ row, log: await store.log(id) }));
      if (row.pending.length === 0) stream.end();
      return reply.headers(HEADERS).send(stream.readable);
    },
  });
}
