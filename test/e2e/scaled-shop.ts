/** A customer of a scaled stack, who comes again until somebody answers, and an auditor who believes only databases. */
import { ClosingStack } from '../../src/kernel/closing.ts';
import * as inventory from '../../src/contracts/inventory.ts';
import { OrderDetail } from '../../src/contracts/orders.ts';
import * as payment from '../../src/contracts/payment.ts';
import { liveClock, liveIds, liveRandom } from '../../src/kernel/live.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { openAmqpBus } from '../../src/messaging/amqp-bus.ts';
import { RpcClient } from '../../src/messaging/rpc-client.ts';
import { namesOf } from '../../src/messaging/topology.ts';

const PORTS = { clock: liveClock, ids: liveIds, random: liveRandom, logger: silentLogger };
const OPEN_WITHIN_MS = 5_000;
const ANSWER_WITHIN_MS = 5_000;
const CUSTOMER_WAITS_MS = 2_000;
const PAUSE_MS = 50;

export interface Address {
  readonly mediatorUrls: readonly string[];
  readonly amqpUrl: string;
}

export class ScaledShop implements AsyncDisposable {
  readonly #urls: readonly string[];
  readonly #rpc: RpcClient;
  readonly #closing: ClosingStack;

  private constructor(urls: readonly string[], rpc: RpcClient, closing: ClosingStack) {
    this.#urls = urls;
    this.#rpc = rpc;
    this.#closing = closing;
  }

  static async open({ mediatorUrls, amqpUrl }: Address): Promise<ScaledShop> {
    const closing = new ClosingStack();
    const names = namesOf('');
    const place = { url: amqpUrl, names, client: 'test', openWithinMs: OPEN_WITHIN_MS };
    const bus = closing.use(await openAmqpBus({ ...PORTS, ...place }));
    const rpc = closing.use(await RpcClient.open({ ...PORTS, bus, names }));
    return new ScaledShop(mediatorUrls, rpc, closing);
  }

  /** A new book with these copies; its id. */
  async stock(copies: number): Promise<number> {
    const book = { title: 'The Last Copy', author: 'Nobody', priceCents: 1_250, copies };
    const { bookIds } = await this.#rpc.ask({
      service: 'inventory',
      contract: inventory.stockBooks,
      body: { books: [book] },
      answer: inventory.booksStocked,
      withinMs: ANSWER_WITHIN_MS,
    });
    return bookIds[0] ?? 0;
  }

  /** One order under one key, brought to each mediator in turn until one takes it; its id. */
  async place(bookId: number): Promise<string> {
    const key = liveIds.uuid();
    for (let turn = 0; ; turn++) {
      const id = await this.#post(this.#urls[turn % this.#urls.length] ?? '', bookId, key);
      if (id !== undefined) return id;
      await liveClock.sleep(PAUSE_MS);
    }
  }

  async #post(url: string, bookId: number, key: string): Promise<string | undefined> {
    const lines = [{ bookId, quantity: 1 }];
    const pay = { kind: 'visa', token: 'tok_visa' };
    try {
      const response = await fetch(`${url}/orders?wait=0`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ customerId: 'alice', lines, payment: pay }),
        signal: AbortSignal.timeout(CUSTOMER_WAITS_MS),
      });
      if (response.status !== 201 && response.status !== 202) return undefined;
      return ((await response.json()) as { id: string }).id;
    } catch {
      return undefined;
    }
  }

  /** The order as some mediator sees it now; undefined while nobody answers. */
  async order(id: string): Promise<OrderDetail | undefined> {
    for (const url of this.#urls) {
      try {
        const signal = AbortSignal.timeout(CUSTOMER_WAITS_MS);
        const response = await fetch(`${url}/orders/${id}`, { signal });
        if (response.ok) return OrderDetail.parse(await response.json());
      } catch {
        // it is dead or paused: the next one knows as well
      }
    }
    return undefined;
  }

  /** The book as inventory's database has it. */
  async shelf(bookId: number) {
    const { books, holds } = await this.#rpc.ask({
      service: 'inventory',
      contract: inventory.audit,
      body: { bookIds: [bookId] },
      answer: inventory.audited,
      withinMs: ANSWER_WITHIN_MS,
    });
    return { ...books[0], holds };
  }

  /** The ledger of these orders, with what the provider says. */
  async paid(orderIds: readonly string[]) {
    const { payments } = await this.#rpc.ask({
      service: 'payment',
      contract: payment.audit,
      body: { orderIds: [...orderIds] },
      answer: payment.audited,
      withinMs: ANSWER_WITHIN_MS,
    });
    return payments;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing[Symbol.asyncDispose]();
  }
}
