/** A mediator that a test plays: the HTTP API with orders that move only as far as the test lets them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Book } from '../../src/contracts/inventory.ts';
import type {
  OrderDetail,
  PlaceOrder,
  TimelineEntry,
  Waiting,
} from '../../src/contracts/orders.ts';

const book = (id: number, title: string, author: string, available: number): Book => ({
  id,
  isbn: `9780000000${String(id).padStart(3, '0')}`,
  title,
  author,
  publisher: 'Pan Books',
  priceCents: 1_299,
  currency: 'EUR',
  available,
});

export const BOOKS: readonly Book[] = [
  book(1, 'Pride and Prejudice', 'Jane Austen', 10),
  book(7, "Alice's Adventures in Wonderland", 'Lewis Carroll', 5),
  book(42, "The Hitchhiker's Guide to the Galaxy", 'Douglas Adams', 42),
];

const CUSTOMERS = ['alice', 'hatter', 'queen'].map((id) => ({
  id,
  name: `${id.charAt(0).toUpperCase()}${id.slice(1)}`,
  email: `${id}@wonderland.test`,
  address: { street: '1 Rabbit Hole', postalCode: 'OX1', city: 'Oxford', country: 'GB' },
}));

type Step = Pick<TimelineEntry, 'event' | 'status' | 'issued' | 'reason'>;

export const CONFIRMED: readonly Step[] = [
  { event: 'accepted', status: 'reserving', issued: ['inventory.reserve'] },
  { event: 'reserved', status: 'charging', issued: ['payment.charge'] },
  { event: 'charged', status: 'settling', issued: ['inventory.commit', 'customer.record-order'] },
  { event: 'committed', status: 'settling', issued: [] },
  { event: 'recorded', status: 'settling', issued: [] },
  { event: 'confirmed', status: 'confirmed', issued: ['order.confirmed'] },
  { event: 'notified', status: 'confirmed', issued: [] },
];

export const DECLINED: readonly Step[] = [
  ...CONFIRMED.slice(0, 2),
  {
    event: 'declined',
    status: 'releasing',
    issued: ['inventory.release'],
    reason: 'insufficient_funds',
  },
  { event: 'released', status: 'rejected', issued: [] },
  {
    event: 'rejected',
    status: 'rejected',
    issued: ['order.rejected'],
    reason: 'insufficient_funds',
  },
  { event: 'notified', status: 'rejected', issued: [] },
];

/** What a cancel adds to a confirmed order. */
const TAKEN_BACK: readonly Step[] = [
  {
    event: 'cancel-requested',
    status: 'refunding',
    issued: ['customer.cancel-order'],
    reason: 'cancelled-by-customer',
  },
  { event: 'unrecorded', status: 'refunding', issued: ['payment.refund'] },
  { event: 'refunded', status: 'releasing', issued: ['inventory.release'] },
  { event: 'released', status: 'cancelled', issued: [] },
  {
    event: 'cancelled',
    status: 'cancelled',
    issued: ['order.cancelled'],
    reason: 'cancelled-by-customer',
  },
  { event: 'notified', status: 'cancelled', issued: [] },
];

/** The charge is never answered. */
export const STUCK: readonly Step[] = CONFIRMED.slice(0, 2);

export interface StubMediator extends AsyncDisposable {
  readonly url: string;
  /** What was posted, with its key. */
  readonly placed: Array<{ readonly key: string; readonly order: PlaceOrder }>;
}

export interface StubOptions {
  readonly steps: readonly Step[];
  /** Connections that are closed without an answer, for the first posts. */
  readonly lostPosts?: number;
  /** Codes and messages that posts are refused with (503), one after the other; the last one for ever. */
  readonly refusals?: ReadonlyArray<readonly [code: string, message: string]>;
  /** Code and message that the nth post (from 1) is refused with for now, if it is. */
  readonly refuses?: (post: number) => readonly [code: string, message: string] | undefined;
  /** Parts that readiness reports as gone. */
  readonly down?: readonly string[];
  /** Orders are shipped already: nobody can cancel them. */
  readonly shipped?: boolean;
  /** What every order waits for. */
  readonly waiting?: Waiting;
  /** When every order is shipped. */
  readonly shipsAt?: number;
}

/** Listens on a free port. */
export async function startStubMediator(options: StubOptions): Promise<StubMediator> {
  const orders = new Map<string, OrderDetail>();
  const placed: StubMediator['placed'] = [];
  let toLose = options.lostPosts ?? 0;
  let posts = 0;
  const server = createServer((request, response) => {
    void handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://stub');
    const [, area = '', id = '', part = ''] = url.pathname.split('/').map(decodeURIComponent);
    const refusal = request.method === 'POST' ? options.refuses?.(++posts) : undefined;
    if (refusal !== undefined) return refuseForNow(response, refusal);
    if (request.method === 'POST' && part === 'cancel') {
      const order = orders.get(id);
      if (order === undefined) return unknown(response, 'order', id);
      if (options.shipped === true) return refuse(response, id);
      orders.set(id, takenBack(order));
      return answer(response, 202, { ...viewOf(order), status: 'refunding' });
    }
    if (request.method === 'POST') {
      const order = JSON.parse(await textOf(request)) as PlaceOrder;
      placed.push({ key: String(request.headers['idempotency-key']), order });
      if (toLose-- > 0) return void request.socket.destroy();
      const { waiting, shipsAt } = options;
      const detail = { ...detailOf(order, placed.length, options.steps), waiting, shipsAt };
      orders.set(detail.id, detail);
      return answer(response, 202, viewOf(detail));
    }
    const order = orders.get(id);
    if (area === 'orders' && part === 'events' && order !== undefined) {
      return stream(response, order);
    }
    if (area === 'orders' && id === '') {
      const isListed = (each: OrderDetail): boolean =>
        url.searchParams.get('stuck') !== 'true' || each.waiting !== undefined;
      return answer(response, 200, { orders: [...orders.values()].filter(isListed).map(viewOf) });
    }
    if (area === 'orders')
      return order ? answer(response, 200, order) : unknown(response, 'order', id);
    if (area === 'books') return booksAnswer(response, id, url.searchParams.get('search'));
    if (area === 'customers') return customersAnswer(response, id);
    if (area === 'readyz') {
      const down = options.down ?? [];
      const checks = ['inventory', 'payment'].map((name) => ({ name, ok: !down.includes(name) }));
      return answer(response, down.length === 0 ? 200 : 503, { ready: down.length === 0, checks });
    }
    return unknown(response, 'order', url.pathname);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    placed,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function unknown(response: ServerResponse, what: string, id: string): void {
  const error = { code: `unknown-${what}`, message: `There is no ${what} ${id}.`, details: {} };
  answer(response, 404, { error });
}

function refuse(response: ServerResponse, orderId: string): void {
  const message = 'The order is shipped: it cannot be cancelled';
  const details = { orderId, status: 'shipped' };
  answer(response, 409, { error: { code: 'not-cancellable', message, details } });
}

function refuseForNow(
  response: ServerResponse,
  [code, message]: readonly [code: string, message: string],
): void {
  const hint = 'Send the same request with the same Idempotency-Key again in a second.';
  answer(response, 503, { error: { code, message, hint, details: {} } });
}

function takenBack(order: OrderDetail): OrderDetail {
  const known = order.timeline.length;
  const more = TAKEN_BACK.map((step, index) => ({
    ...step,
    seq: known + index + 1,
    at: order.updatedAt + (index + 1) * 1_000,
  }));
  return {
    ...order,
    status: 'cancelled',
    reason: 'cancelled-by-customer',
    refundedCents: order.totalCents,
    timeline: [...order.timeline, ...more],
  };
}

function booksAnswer(response: ServerResponse, id: string, search: string | null): void {
  if (id !== '') {
    const found = BOOKS.find((each) => String(each.id) === id);
    return found ? answer(response, 200, found) : unknown(response, 'book', id);
  }
  const wanted = search?.toLowerCase() ?? '';
  const books = BOOKS.filter((each) =>
    `${each.title} ${each.author}`.toLowerCase().includes(wanted),
  );
  answer(response, 200, { books, total: books.length });
}

function customersAnswer(response: ServerResponse, id: string): void {
  if (id === '') {
    const customers = CUSTOMERS.map((each) => ({ ...each, orderCount: 0 }));
    return answer(response, 200, { customers, total: customers.length });
  }
  const customer = CUSTOMERS.find((each) => each.id === id);
  if (customer === undefined) return unknown(response, 'customer', id);
  answer(response, 200, { customer, orders: [], orderCount: 0 });
}

function stream(response: ServerResponse, order: OrderDetail): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const entry of order.timeline) {
    const data = { ...entry, orderId: order.id, customerId: order.customerId, open: order.open };
    response.write(`event: journal\ndata: ${JSON.stringify(data)}\n\n`);
  }
  if (!order.open) response.end();
}

function detailOf(order: PlaceOrder, serial: number, steps: readonly Step[]): OrderDetail {
  const start = 1_750_000_000_000;
  const timeline = steps.map((step, index) => ({ ...step, seq: index + 1, at: start + index * 3 }));
  const last = timeline.at(-1);
  return {
    id: `01980000-0000-7000-8000-${String(serial).padStart(12, '0')}`,
    status: last?.status ?? 'reserving',
    ...(last?.status === 'rejected' ? { reason: 'insufficient_funds' } : {}),
    open: last?.event !== 'notified',
    customerId: order.customerId,
    lines: order.lines,
    totalCents: 1_299,
    currency: 'EUR',
    placedAt: start,
    updatedAt: last?.at ?? start,
    traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
    timeline,
  };
}

function viewOf({ timeline: _timeline, ...view }: OrderDetail): Omit<OrderDetail, 'timeline'> {
  return view;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
