/** A closed loop of customers who want a book and take "come again" for an answer, and the audit afterwards. */
import { expect } from 'vitest';

import { OrderView } from '../../src/contracts/orders.ts';
import { liveClock, liveIds } from '../../src/kernel/live.ts';
import type { ShopClient } from './shop-client.ts';

/** Few, so that what is in hand when a part ends is finished in time on a busy machine too. */
const CUSTOMERS = 4;
const PAUSE_MS = 20;
const GONE = ['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET'];

/** Customers who order one book after another; a shop that says "come again", or is gone, is asked again. */
export class Load {
  readonly ids: string[] = [];
  /** Whatever is neither an order nor "come again". */
  readonly complaints: string[] = [];
  url: string;
  #isOver = false;
  #isGivenUp = false;
  readonly #customers: Promise<unknown>;
  readonly #book: number;

  constructor(url: string, book: number) {
    this.url = url;
    this.#book = book;
    this.#customers = Promise.all(Array.from({ length: CUSTOMERS }, () => this.#order()));
  }

  async untilTaken(count: number): Promise<void> {
    const goal = this.ids.length + count;
    await expect.poll(() => this.ids.length).toBeGreaterThan(goal);
  }

  /** After a test that failed: those who have no answer yet go without one. */
  async giveUp(): Promise<void> {
    this.#isGivenUp = true;
    await this.end();
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#customers;
  }

  /** Every order that was taken is confirmed, each has its copy and was paid for once, and no answer was wrong. */
  async expectAllSold(client: ShopClient): Promise<void> {
    expect(this.complaints).toEqual([]);
    const seen = await Promise.all(this.ids.map((id) => client.closed(id)));
    const others = seen.filter((each) => each.status !== 'confirmed');
    expect(others.map(({ id, status, reason }) => ({ id, status, reason }))).toEqual([]);
    expect(await client.shelf(this.#book)).toMatchObject({ held: 0, sold: this.ids.length });
    const paid = await client.paid(this.ids);
    expect(paid.filter((each) => each.captures === 1 && each.refundedCents === 0)).toHaveLength(
      this.ids.length,
    );
  }

  async #order(): Promise<void> {
    while (!this.#isOver) {
      const key = liveIds.uuid();
      while (!(await this.#ask(key)) && !this.#isGivenUp) await liveClock.sleep(PAUSE_MS);
    }
  }

  async #ask(key: string): Promise<boolean> {
    const response = await fetch(`${this.url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({
        customerId: 'alice',
        lines: [{ bookId: this.#book, quantity: 1 }],
        payment: { kind: 'visa', token: 'tok_visa' },
      }),
    }).catch((error: Error) => this.#isGone(error));
    if (response === undefined) return false;
    const body: unknown = await response.json();
    if (response.status === 503 && response.headers.has('retry-after')) return false;
    if (response.ok) this.ids.push(OrderView.parse(body).id);
    else this.complaints.push(`${response.status} ${JSON.stringify(body)}`);
    return true;
  }

  /** Between two mediators nobody listens; an idle connection that ends while we write on it says so too. */
  #isGone(error: Error): undefined {
    const { code } = (error.cause ?? {}) as { code?: string };
    if (!GONE.includes(code ?? '')) this.complaints.push(`${error.message} ${code}`);
  }
}
