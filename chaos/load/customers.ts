/** Customers who want an answer: the same request under the same key again, until the shop has said yes or no. */
import { z } from 'zod';

import type { PlaceOrder } from '../../src/contracts/orders.ts';
import { messageOf } from '../../src/kernel/errors.ts';
import { liveClock as clock, liveIds } from '../../src/kernel/live.ts';
import type { OrderKind } from './orders.ts';

/** An order as its customer knows it. */
export interface Placed {
  readonly kind: OrderKind;
  readonly key: string;
  readonly body: PlaceOrder;
  readonly run: string | undefined;
  /** Monotonic milliseconds. */
  readonly placedAt: number;
  /** Requests that were made for it. */
  requests: number;
  /** What 201 or 202 said. Absent when it never came to that. */
  accepted?: { readonly id: string; readonly status: string };
  /** Answers that must not be: they say that the shop got something wrong. */
  readonly complaints: string[];
}

export interface CustomersOptions {
  readonly mediatorUrl: string;
  /** Nobody asks again after this; what is unanswered then is a complaint. */
  readonly patience: AbortSignal;
}

const Answer = z.object({ id: z.string(), status: z.string() });
/** How long the mediator may hold the answer back for the pivot. */
const WAIT_MS = 2_000;
const REQUEST_LIMIT_MS = 6_000;
const PAUSE_MS = 100;
/** Busy, or a part is away: the customer comes back. */
const COME_BACK = [429, 500, 502, 503, 504];

export class Customers {
  readonly #options: CustomersOptions;
  /** All orders in the order they were placed. */
  readonly placed: Placed[] = [];

  constructor(options: CustomersOptions) {
    this.#options = options;
  }

  /** Resolves when the order was answered, or patience is over. Never throws. */
  async place(kind: OrderKind, body: PlaceOrder, run?: string): Promise<Placed> {
    const order: Placed = {
      kind,
      body,
      run,
      key: `chaos-${liveIds.uuid()}`,
      placedAt: clock.elapsed(),
      requests: 0,
      complaints: [],
    };
    this.placed.push(order);
    while (!(await this.#request(order))) {
      if (this.#options.patience.aborted) {
        order.complaints.push('nobody ever answered it');
        return order;
      }
      await clock.sleep(PAUSE_MS, this.#options.patience);
    }
    return order;
  }

  /** True when the answer was final. */
  async #request(order: Placed): Promise<boolean> {
    order.requests++;
    const response = await this.#post(order).catch(messageOf);
    if (typeof response === 'string' || COME_BACK.includes(response.status)) return false;
    const document = Answer.safeParse(response.body);
    const isAccepted = response.status === 201 || response.status === 202;
    if (isAccepted && document.success) order.accepted = document.data;
    else order.complaints.push(`${response.status}: ${JSON.stringify(response.body)}`);
    return true;
  }

  async #post({ key, body, run }: Placed): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${this.#options.mediatorUrl}/orders?wait=${WAIT_MS}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': key,
        ...(run !== undefined && { 'wonderland-run': run }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
    });
    return { status: response.status, body: await response.json() };
  }
}
