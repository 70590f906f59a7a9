/** Taking orders and looking at them. */
import { z } from 'zod';

import {
  OrderDetail,
  OrderPolicy,
  OrderStatus,
  OrderView,
  PlaceOrder,
} from '../contracts/orders.ts';
import { CustomerId } from '../contracts/primitives.ts';
import { MAX_LABEL_LENGTH } from '../contracts/run-label.ts';
import { UserError } from '../kernel/errors.ts';
import type { Place } from './admission.ts';
import { ErrorBody } from './http-errors.ts';
import type { HttpServer, Mediator } from './http-api.ts';
import type { OrderAnswer } from './orchestrator.ts';
import { timelineOf, viewOf, type SagaRow } from './saga-row.ts';
import { ENDS_AMONG, type SagaStore } from './saga-store.ts';

const DEFAULT_WAIT_MS = 10_000;
const MAX_WAIT_MS = 60_000;
/** An order that waits this long for an answer is of interest to people. */
const STUCK_AFTER_MS = 60_000;

/** Longer than a policy with all its keys. */
const MAX_POLICY_LENGTH = 500;

/** JSON in a header. */
const PolicyHeader = z
  .string()
  .max(MAX_POLICY_LENGTH)
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON object' });
      return z.NEVER;
    }
  })
  .pipe(OrderPolicy);

const PlaceHeaders = z.object({
  'idempotency-key': z
    .string({ error: 'the header Idempotency-Key is required: a fresh one for each new order' })
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 printable characters'),
  /** The scenario run that the order belongs to, and its name there: `payment-failure-a1b2c3/o1`. */
  'wonderland-run': z
    .string()
    .max(MAX_LABEL_LENGTH)
    .regex(/^[a-z0-9-]+(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)?$/, 'must be <run> or <run>/<order name>')
    .optional(),
  /** What the order does otherwise than others: only for the orders of a run, in a stack for development. */
  'wonderland-policy': PolicyHeader.optional(),
});
const PlaceQuery = z.object({
  wait: z.coerce.number().int().min(0).max(MAX_WAIT_MS).default(DEFAULT_WAIT_MS),
});
interface PlaceRequest {
  readonly body: PlaceOrder;
  readonly headers: z.infer<typeof PlaceHeaders>;
  readonly query: z.infer<typeof PlaceQuery>;
}
const ListQuery = z.object({
  customer: CustomerId.optional(),
  status: OrderStatus.optional(),
  /** All orders of this scenario run, whatever their names. */
  run: z.string().max(MAX_LABEL_LENGTH).optional(),
  /** Only orders that have waited for an answer for a minute. */
  stuck: z.stringbool().default(false),
  limit: z.coerce.number().int().min(1).max(2_000).default(20),
});
/** A whole order id, or a beginning or an end of it. */
export const OrderParams = z.object({
  id: z.string().regex(/^[0-9a-f-]{6,36}$/, 'must be 6 or more characters of an id'),
});

export function registerOrderRoutes(server: HttpServer, mediator: Mediator): void {
  const { part, orchestrator, store, shop } = mediator;
  registerCancelling(server, mediator);
  const take = async (
    { body: order, headers, query }: PlaceRequest,
    place: Place,
  ): Promise<OrderAnswer> => {
    const customer = await shop.recipient(order.customerId);
    const idempotencyKey = headers['idempotency-key'];
    const run = headers['wonderland-run'];
    // Whoever may place an order must not be able to make the shop ask its parts a hundred times a second.
    const mayHurry = part.settings.faultsAllowed && run !== undefined;
    const policy = mayHurry ? headers['wonderland-policy'] : undefined;
    const accepted = { order, customer, idempotencyKey, run, policy };
    return orchestrator.accept(accepted, query.wait, place);
  };
  server.route({
    method: 'POST',
    url: '/orders',
    schema: {
      summary: 'Place an order; answers when payment is decided, or after the wait',
      headers: PlaceHeaders,
      querystring: PlaceQuery,
      body: PlaceOrder,
      response: { 201: OrderView, 202: OrderView, '4xx': ErrorBody, 503: ErrorBody },
    },
    // Before the body is read: beyond the limit a refusal must cost next to nothing.
    onRequest: async () => orchestrator.admission.check(),
    handler: async (request, reply) => {
      const place = orchestrator.admission.enter();
      const { row, isDecided } = await take(request, place).finally(() => place.leave());
      return reply
        .status(isDecided ? 201 : 202)
        .header('location', `/orders/${row.id}`)
        .send(viewOf(row));
    },
  });
  server.route({
    method: 'GET',
    url: '/orders',
    schema: {
      summary: 'Orders, newest first',
      querystring: ListQuery,
      response: { 200: z.object({ orders: z.array(OrderView) }), '4xx': ErrorBody },
    },
    handler: async ({ query: { customer: customerId, stuck, ...rest } }) => {
      const stuckSince = stuck ? part.clock.now() - STUCK_AFTER_MS : undefined;
      const rows = await store.list({ customerId, stuckSince, ...rest });
      return { orders: rows.map(viewOf) };
    },
  });
  server.route({
    method: 'GET',
    url: '/orders/:id',
    schema: {
      summary: 'An order with its timeline',
      params: OrderParams,
      response: { 200: OrderDetail, '4xx': ErrorBody },
    },
    handler: async ({ params }) => {
      const row = await findOrder(store, params.id);
      const log = await store.log(row.id);
      return { ...viewOf(row), timeline: log.map(timelineOf) };
    },
  });
}

function registerCancelling(server: HttpServer, { orchestrator, store }: Mediator): void {
  server.route({
    method: 'POST',
    url: '/orders/:id/cancel',
    schema: {
      summary:
        'Cancel an order before it is shipped; answers when it is cancelled, or after the wait',
      params: OrderParams,
      querystring: PlaceQuery,
      response: { 200: OrderView, 202: OrderView, '4xx': ErrorBody, 503: ErrorBody },
    },
    handler: async ({ params, query }, reply) => {
      const { id } = await findOrder(store, params.id);
      const row = await orchestrator.cancel(id, query.wait);
      return reply.status(row.status === 'cancelled' ? 200 : 202).send(viewOf(row));
    },
  });
}

/** Ids that a message names at most. */
const NAMED = 5;
const ID_LENGTH = 36;

/** By id, or by a beginning or an end that only one (recent) order has. @throws UserError `unknown-order` */
export async function findOrder(store: SagaStore, id: string): Promise<SagaRow> {
  const ids = await idsLike(store, id);
  const row = ids.length === 1 ? await store.find(ids[0] ?? '') : undefined;
  if (row !== undefined) return row;
  if (ids.length > 1) {
    throw new UserError('unknown-order', `Several orders have ${id}: ${ids.join(', ')}`, {
      hint: 'Write the whole id, or its last characters: orders of one minute begin alike.',
    });
  }
  throw new UserError('unknown-order', `There is no order ${id}`, {
    hint:
      id.length === ID_LENGTH
        ? 'See: wonderland orders'
        : `See: wonderland orders. Ends are looked for among the newest ${ENDS_AMONG} only: give older ones whole.`,
  });
}

/** Those that begin so; only when there are none, those that end so. */
async function idsLike(store: SagaStore, id: string): Promise<readonly string[]> {
  const pattern = '00000000-0000-0000-0000-000000000000';
  const first = id + pattern.slice(id.length);
  const last = id + pattern.replaceAll('0', 'f').slice(id.length);
  const isBeginning = z.guid().safeParse(last).success;
  const beginning = isBeginning ? await store.idsBetween(first, last, NAMED) : [];
  if (beginning.length > 0 || id.length === ID_LENGTH) return beginning;
  return store.idsEndingWith(id, NAMED);
}
