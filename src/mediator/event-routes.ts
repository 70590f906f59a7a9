/** Live order events as server-sent events: what happened so far, then what happens, as it happens. */
import type { Clock } from '../kernel/clock.ts';
import { RejectedError } from '../kernel/errors.ts';
import type { HttpServer, Mediator } from './http-api.ts';
import { EventStream } from './event-stream.ts';
import { findOrder, OrderParams } from './order-routes.ts';
import { journalOf } from './transition.ts';

/** Readers of everything: each may be behind by some megabytes. */
const MAX_OF_ALL = 100;
/** Readers of one order: a few kilobytes each. */
const MAX_OF_ONE = 4_000;
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
};

export function registerEventRoutes(server: HttpServer, { store, journal, part }: Mediator): void {
  const ofAll = new Streams(part.clock, MAX_OF_ALL);
  const ofOne = new Streams(part.clock, MAX_OF_ONE);
  // They would hold up the closing.
  server.addHook('preClose', async () => [ofAll, ofOne].forEach((each) => each.endAll()));
  server.route({
    method: 'GET',
    url: '/events',
    schema: { summary: 'Events of all orders from now on (text/event-stream)' },
    handler: (_request, reply) => {
      const stream = ofAll.open();
      stream.onClose(journal.listen((entry) => stream.send(entry)));
      return reply.headers(HEADERS).send(stream.readable);
    },
  });
  server.route({
    method: 'GET',
    url: '/orders/:id/events',
    schema: {
      summary:
        'Events of an order from its beginning, until it waits for nothing more (text/event-stream)',
      params: OrderParams,
    },
    handler: async ({ params }, reply) => {
      const { id } = await findOrder(store, params.id);
      const stream = ofOne.open();
      stream.hold();
      // Listening first, reading second: nothing can happen in between unseen.
      stream.onClose(
        journal.listen((entry) => {
          if (entry.orderId !== id) return;
          stream.send(entry);
          if (!entry.open) stream.end();
        }),
      );
      try {
        const row = await findOrder(store, id);
        stream.release(journalOf({ row, log: await store.log(id) }));
        if (row.pending.length === 0) stream.end();
      } catch (error) {
        stream.readable.destroy();
        throw error;
      }
      return reply.headers(HEADERS).send(stream.readable);
    },
  });
}

/** The readers that are here now: so many, and no more. */
class Streams {
  readonly #clock: Clock;
  readonly #highest: number;
  readonly #open = new Set<EventStream>();

  constructor(clock: Clock, highest: number) {
    this.#clock = clock;
    this.#highest = highest;
  }

  /** @throws RejectedError `overloaded` */
  open(): EventStream {
    if (this.#open.size >= this.#highest) {
      throw new RejectedError('overloaded', 'Too many read live events already', {
        hint: 'Try again when others have left, or read GET /orders now and then.',
      });
    }
    const stream = new EventStream(this.#clock);
    this.#open.add(stream);
    stream.onClose(() => this.#open.delete(stream));
    return stream;
  }

  endAll(): void {
    for (const each of this.#open) each.end();
  }
}
