/** A visitor of a test's shop: places orders, waits for their sagas, and audits the databases. */
import { expect } from 'vitest';

import * as customer from '../../src/contracts/customer.ts';
import * as inventory from '../../src/contracts/inventory.ts';
import * as notification from '../../src/contracts/notification.ts';
import {
  OrderDetail,
  OrderView,
  type OrderPolicy,
  type OrderStatus,
} from '../../src/contracts/orders.ts';
import * as payment from '../../src/contracts/payment.ts';
import { liveClock, liveIds } from '../../src/kernel/live.ts';
import { RpcClient, type RpcRequest } from '../../src/messaging/rpc-client.ts';
import type { ServiceName } from '../../src/messaging/topology.ts';
import type { TestShop } from './shop.ts';

const ANSWER_WITHIN_MS = 10_000;
/** A customer of a full shop; the header asks for a second, which a test does not need. */
const COME_AGAIN_MS = 50;
/** Ids in one audit query at most. */
const AUDIT_LIMIT = 1_000;

export interface Asked {
  readonly book?: number;
  readonly quantity?: number;
  readonly customerId?: string;
  readonly token?: string;
  readonly key?: string;
  /** The scenario run whose faults may hit the order. */
  readonly run?: string;
  /** Together with a run: what the order does otherwise than others. */
  readonly policy?: OrderPolicy;
  /** How long the answer may wait for the saga; absent: as long as the mediator thinks. */
  readonly waitMs?: number;
}

export class ShopClient implements AsyncDisposable {
  readonly #url: string;
  readonly #rpc: RpcClient;

  private constructor(url: string, rpc: RpcClient) {
    this.#url = url;
    this.#rpc = rpc;
  }

  /** A visitor of the shop's first mediator, or of another one. */
  static async open(shop: TestShop, url = shop.url): Promise<ShopClient> {
    return new ShopClient(url, await RpcClient.open(shop.visitor));
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.#url}${path}`);
  }

  place(asked: Asked = {}): Promise<Response> {
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': asked.key ?? liveIds.uuid(),
      ...(asked.run !== undefined && { 'wonderland-run': asked.run }),
      ...(asked.policy !== undefined && { 'wonderland-policy': JSON.stringify(asked.policy) }),
    };
    const body = JSON.stringify({
      customerId: asked.customerId ?? 'alice',
      lines: [{ bookId: asked.book ?? 42, quantity: asked.quantity ?? 1 }],
      payment: { kind: 'visa', token: asked.token ?? 'tok_visa' },
    });
    const wait = asked.waitMs === undefined ? '' : `?wait=${asked.waitMs}`;
    return fetch(`${this.#url}/orders${wait}`, { method: 'POST', headers, body });
  }

  /** Asks for an order to be taken back. */
  cancel(id: string, waitMs = 10_000): Promise<Response> {
    return fetch(`${this.#url}/orders/${id}/cancel?wait=${waitMs}`, { method: 'POST' });
  }

  /** Places an order that is accepted, coming again under the same key while the shop is full. */
  async order(asked: Asked = {}): Promise<OrderView> {
    const key = asked.key ?? liveIds.uuid();
    for (;;) {
      const response = await this.place({ ...asked, key });
      const body: unknown = await response.json();
      if (response.status === 503 && response.headers.has('retry-after')) {
        expect(body).toMatchObject({ error: { code: 'overloaded' } });
        await liveClock.sleep(COME_AGAIN_MS);
        continue;
      }
      expect(response.status).toBe(201);
      return OrderView.parse(body);
    }
  }

  /** Places an order without waiting for more than its acceptance; answers its id. */
  async begin(asked: Asked = {}): Promise<string> {
    const response = await this.place({ ...asked, waitMs: 0 });
    return OrderView.parse(await response.json()).id;
  }

  async find(id: string): Promise<OrderDetail> {
    return OrderDetail.parse(await (await this.get(`/orders/${id}`)).json());
  }

  /** Until the order is seen in this status. */
  async reach(id: string, status: OrderStatus): Promise<void> {
    await expect.poll(async () => (await this.find(id)).status).toBe(status);
  }

  /** The order once its saga waits for nothing: its live events end then. */
  async closed(id: string): Promise<OrderDetail> {
    await (await this.get(`/orders/${id}/events`)).text();
    return this.find(id);
  }

  /** Asks a part over the bus. */
  ask<Body, Answer>(
    service: ServiceName | 'mediator',
    request: Pick<RpcRequest<Body, Answer>, 'contract' | 'body' | 'answer'>,
  ): Promise<Answer> {
    return this.#rpc.ask({ ...request, service, withinMs: ANSWER_WITHIN_MS });
  }

  /** A new book with these copies; answers its id. */
  async stock(copies: number, priceCents = 1_250): Promise<number> {
    const { bookIds } = await this.ask('inventory', {
      contract: inventory.stockBooks,
      body: { books: [{ title: 'The Last Copy', author: 'Nobody', priceCents, copies }] },
      answer: inventory.booksStocked,
    });
    return bookIds[0] ?? 0;
  }

  /** The book as inventory's database has it, and who holds copies of it. */
  async shelf(bookId: number) {
    const { books, holds } = await this.ask('inventory', {
      contract: inventory.audit,
      body: { bookIds: [bookId] },
      answer: inventory.audited,
    });
    const [book] = books;
    if (book === undefined) throw new Error(`no book ${bookId}`);
    return { ...book, holds };
  }

  /** The ledger of these orders. */
  async paid(orderIds: readonly string[]) {
    const pages = Array.from({ length: Math.ceil(orderIds.length / AUDIT_LIMIT) }, (_, page) =>
      orderIds.slice(page * AUDIT_LIMIT, (page + 1) * AUDIT_LIMIT),
    );
    const answers = await Promise.all(
      pages.map((page) =>
        this.ask('payment', {
          contract: payment.audit,
          body: { orderIds: page },
          answer: payment.audited,
        }),
      ),
    );
    return answers.flatMap((each) => each.payments);
  }

  /** Those of these orders that stand in a history. */
  async standing(orderIds: readonly string[]): Promise<string[]> {
    const { records } = await this.ask('customer', {
      contract: customer.audit,
      body: { orderIds: [...orderIds] },
      answer: customer.audited,
    });
    return records.map((each) => each.orderId);
  }

  /** Which letters went out for an order, by name. */
  async letters(orderId: string): Promise<string[]> {
    const { mails } = await this.ask('notification', {
      contract: notification.audit,
      body: { orderIds: [orderId], limit: 10 },
      answer: notification.audited,
    });
    return mails.map((each) => each.template).toSorted();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#rpc[Symbol.asyncDispose]();
  }
}
