/** The catalogue, the customers and their mails: asked of the services that own them. */
import { z } from 'zod';

import * as customer from '../contracts/customer.ts';
import * as inventory from '../contracts/inventory.ts';
import * as notification from '../contracts/notification.ts';
import { CustomerId, OrderId } from '../contracts/primitives.ts';
import { ErrorBody } from './http-errors.ts';
import type { HttpServer, Mediator } from './http-api.ts';

const Page = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  offset: z.coerce.number().int().min(0).max(1_000_000_000).default(0),
});

export function registerShopRoutes(server: HttpServer, { shop }: Mediator): void {
  server.route({
    method: 'GET',
    url: '/books',
    schema: {
      summary: 'The catalogue with what can be ordered now',
      querystring: Page.extend({ search: z.string().min(1).max(100).optional() }),
      response: { 200: inventory.booksListed.body, '4xx': ErrorBody, 503: ErrorBody },
    },
    handler: ({ query: { search, ...page } }) =>
      shop.books({ ...page, ...(search !== undefined && { search }) }),
  });
  server.route({
    method: 'GET',
    url: '/books/:id',
    schema: {
      summary: 'A book',
      params: z.object({ id: z.coerce.number().int().min(1).max(1_000_000_000) }),
      response: { 200: inventory.Book, '4xx': ErrorBody, 503: ErrorBody },
    },
    handler: ({ params }) => shop.book(params.id),
  });
  server.route({
    method: 'GET',
    url: '/customers',
    schema: {
      summary: 'Customers with how many orders each has',
      querystring: Page,
      response: { 200: customer.listed.body, '4xx': ErrorBody, 503: ErrorBody },
    },
    handler: ({ query }) => shop.customers(query),
  });
  server.route({
    method: 'GET',
    url: '/customers/:id',
    schema: {
      summary: 'A customer with the newest orders',
      params: z.object({ id: CustomerId }),
      response: { 200: customer.found.body, '4xx': ErrorBody, 503: ErrorBody },
    },
    handler: ({ params }) => shop.customer(params.id),
  });
  server.route({
    method: 'GET',
    url: '/mails',
    schema: {
      summary: 'Mails that were sent, newest first',
      querystring: z.object({
        order: OrderId.optional(),
        limit: z.coerce.number().int().min(1).max(2_000).default(20),
      }),
      response: { 200: notification.audited.body, '4xx': ErrorBody, 503: ErrorBody },
    },
    handler: ({ query: { order, limit } }) =>
      shop.mails({ orderIds: order === undefined ? [] : [order], limit }),
  });
}
