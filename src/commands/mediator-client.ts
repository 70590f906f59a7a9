/** The mediator's HTTP API as functions: what every command of the shop talks to. */
import type { Clock } from '../kernel/clock.ts';
import { Book } from '../contracts/inventory.ts';
import type { Mail } from '../contracts/notification.ts';
import {
  OrderDetail,
  OrderView,
  type JournalEntry,
  type OrderStatus,
  type PlaceOrder,
} from '../contracts/orders.ts';
import {
  BookList,
  CustomerDetail,
  CustomerList,
  MailList,
  OrderList,
  Readiness,
  type CustomerRow,
} from './answers.ts';
import { deadLetterClient, type DeadLetterClient } from './dlq/client.ts';
import { followOrder } from './follow-order.ts';
import { openHttp, type HttpOptions } from '../mediator/client/http.ts';

export interface OrderFilter {
  readonly limit: number;
  readonly customer?: string | undefined;
  readonly status?: OrderStatus | undefined;
  /** Only orders that have waited for an answer for a minute. */
  readonly stuck?: 'true' | undefined;
}

export interface PlaceOptions {
  readonly idempotencyKey: string;
  /** How long the answer is waited for, milliseconds. */
  readonly limitMs: number;
}

/** Every call throws UserError: the mediator's own code, or `stack-not-running` when nobody answers. */
export interface MediatorClient {
  readonly url: string;
  /** Takes the order in and answers at once; the same key never makes a second order. */
  placeOrder(order: PlaceOrder, options: PlaceOptions): Promise<OrderView>;
  /** Asks for an order to be taken back and answers at once; asking twice is asking once. */
  cancelOrder(id: string, limitMs: number): Promise<OrderView>;
  /** By id, or a unique beginning or end of it (6 characters or more). */
  order(id: string): Promise<OrderDetail>;
  orders(filter: OrderFilter): Promise<readonly OrderView[]>;
  book(id: number): Promise<Book>;
  books(search: string | undefined, limit: number): Promise<{ books: Book[]; total: number }>;
  customer(id: string): Promise<CustomerDetail>;
  customers(limit: number): Promise<{ customers: CustomerRow[]; total: number }>;
  mails(filter: { order?: string | undefined; limit: number }): Promise<readonly Mail[]>;
  readiness(): Promise<Readiness>;
  readonly deadLetters: DeadLetterClient;
  /**
   * What happens to an order from its beginning on, each entry once; ends when the order is closed
   * or the signal aborts. A lost connection is bridged by asking again.
   */
  follow(orderId: string, signal: AbortSignal): AsyncIterable<JournalEntry>;
}

export interface ClientOptions {
  readonly url: string;
  /** Further mediators of the same shop, for when that one does not answer. */
  readonly moreUrls?: readonly string[];
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** What the stack knows of a mediator that nobody can reach. */
  readonly explain?: HttpOptions['explain'] | undefined;
}

export function openMediatorClient(options: ClientOptions): MediatorClient {
  const { url, moreUrls = [], signal, clock, explain } = options;
  const place = { baseUrl: url, moreUrls, signal, clock };
  const http = openHttp({ ...place, ...(explain !== undefined && { explain }) });
  return {
    url,
    placeOrder: (body, { idempotencyKey, limitMs }) =>
      http.exchange({
        method: 'POST',
        path: '/orders',
        query: { wait: 0 },
        headers: { 'idempotency-key': idempotencyKey },
        body,
        limitMs,
        answer: OrderView,
      }),
    cancelOrder: (id, limitMs) =>
      http.exchange({
        method: 'POST',
        path: `/orders/${encodeURIComponent(id)}/cancel`,
        query: { wait: 0 },
        limitMs,
        answer: OrderView,
      }),
    order: (id) =>
      http.exchange({ path: `/orders/${encodeURIComponent(id)}`, answer: OrderDetail }),
    orders: async (filter) =>
      (await http.exchange({ path: '/orders', query: { ...filter }, answer: OrderList })).orders,
    book: (id) => http.exchange({ path: `/books/${id}`, answer: Book }),
    books: (search, limit) =>
      http.exchange({ path: '/books', query: { search, limit }, answer: BookList }),
    customer: (id) =>
      http.exchange({ path: `/customers/${encodeURIComponent(id)}`, answer: CustomerDetail }),
    customers: (limit) =>
      http.exchange({ path: '/customers', query: { limit }, answer: CustomerList }),
    mails: async (filter) =>
      (await http.exchange({ path: '/mails', query: { ...filter }, answer: MailList })).mails,
    readiness: () => http.exchange({ path: '/readyz', answer: Readiness, accept: [503] }),
    deadLetters: deadLetterClient(http),
    follow: (orderId, until) =>
      followOrder({ http, clock, orderId, signal: AbortSignal.any([signal, until]) }),
  };
}
