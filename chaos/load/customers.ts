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
  /** What was said when the customer took it back: true for 200 and 202, false when it was too late. */
  isTakenBack?: boolean;
  /** Answers that must not be: they say that the shop got something wrong. */
  readonly complaints: string[];
}

export interface CustomersOptions {
  /** Each request goes to the next. */
  readonly mediatorUrls: readonly string[];
  /** Nobody asks again after this: whoever has no answer then goes away. */
  readonly patience: AbortSignal;
}

interface Question {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
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
  #requests = 0;
  /** All orders in the order they were placed. */
  readonly placed: Placed[] = [];
  /** Answers that made a customer come back, and how often they were given. */
  readonly troubles = new Map<string, number>();

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
    const answer = await this.#ask(order, {
      path: '/orders',
      headers: {
        'idempotency-key': order.key,
        ...(run !== undefined && { 'wonderland-run': run }),
      },
      body,
    });
    this.#take(order, answer);
    if (kind === 'cancelled' && order.accepted !== undefined) await this.#takeBack(order);
    return order;
  }

  #take(order: Placed, answer: HttpAnswer | undefined): void {
    // It was told to come back until the end: nothing was promised.
    if (answer === undefined) return;
    const document = Answer.safeParse(answer.body);
    if (isYes(answer) && document.success) order.accepted = document.data;
    else order.complaints.push(textOf(answer));
  }

  /** At once; how far it has come by then is a matter of luck. */
  async #takeBack(order: Placed): Promise<void> {
    const answer = await this.#ask(order, { path: `/orders/${order.accepted?.id}/cancel` });
    if (answer === undefined) return;
    if (isYes(answer)) order.isTakenBack = true;
    else if (answer.status === 409) order.isTakenBack = false;
    else order.complaints.push(textOf(answer));
  }

  /** Asks until there is an answer; undefined when patience is over. */
  async #ask(order: Placed, question: Question): Promise<HttpAnswer | undefined> {
    for (;;) {
      order.requests++;
      const answer = await this.#post(question).catch(messageOf);
      if (typeof answer !== 'string' && !COME_BACK.includes(answer.status)) return answer;
      this.#comeBack(typeof answer === 'string' ? answer : textOf(answer));
      if (this.#options.patience.aborted) return undefined;
      await clock.sleep(PAUSE_MS, this.#options.patience);
    }
  }

  #comeBack(answer: string): void {
    // Numbers in it would make each its own kind.
    const kind = answer.replaceAll(/(?<=\s.*)\d+/g, '…');
    this.troubles.set(kind, (this.troubles.get(kind) ?? 0) + 1);
  }

  async #post({ path, headers, body }: Question): Promise<HttpAnswer> {
    const { mediatorUrls } = this.#options;
    const url = mediatorUrls[this.#requests++ % mediatorUrls.length];
    const response = await fetch(`${url}${path}?wait=${WAIT_MS}`, {
      method: 'POST',
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
    });
    return { status: response.status, body: await response.json() };
  }
}

interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

const Refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

function textOf({ status, body }: HttpAnswer): string {
  const refusal = Refusal.safeParse(body);
  return refusal.success
    ? `${status} ${refusal.data.error.code}: ${refusal.data.error.message}`
    : `${status}: ${JSON.stringify(body)}`;
}

function isYes({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300;
}
