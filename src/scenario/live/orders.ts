/** The orders of a run on a live stack: placed over HTTP as customers do, and looked at in the saga log. */
import { z } from 'zod';

import {
  OrderDetail,
  OrderView,
  type JournalEntry,
  type OrderPolicy,
} from '../../contracts/orders.ts';
import { labelOf } from '../../contracts/run-label.ts';
import { WonderlandError } from '../../kernel/errors.ts';
import type { SeenOrder } from '../judge/observations.ts';
import type { PlannedOrder } from '../language/orders.ts';
import type { Connection } from './connection.ts';
import { patiently } from './patience.ts';
import type { World } from './world.ts';

const OrderList = z.object({ orders: z.array(OrderView).max(2_000) });

/** How long a customer in a lane waits for the decision before going on. */
const DECISION_MS = 10_000;
/** Details that are asked for at the same time. */
const DETAILS_AT_ONCE = 16;
/** More orders than any scenario has. */
const LIST_LIMIT = 2_000;

interface Placed {
  readonly name: string;
  readonly id?: string;
  readonly refusal?: string;
  readonly placedAtMs: number;
}

/** What came back to one order, for the recording. */
export interface PlacedOrder {
  readonly order: string;
  readonly atMs: number;
  readonly tookMs: number;
  readonly orderId?: string;
  readonly refusal?: string;
}

export interface LiveOrdersOptions {
  readonly connection: Connection;
  readonly world: World;
  /** What the shop does otherwise for these orders. */
  readonly policy: OrderPolicy;
  /** Milliseconds since the run began. */
  readonly elapsed: () => number;
  readonly onPlaced: (placed: PlacedOrder) => void;
}

export class LiveOrders {
  readonly #options: LiveOrdersOptions;
  readonly #connection: Connection;
  readonly #world: World;
  readonly #placed = new Map<string, Placed>();
  readonly #details = new Map<string, OrderDetail>();

  constructor(options: LiveOrdersOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#world = options.world;
  }

  /** Real ids of all accepted orders. */
  get ids(): string[] {
    return [...this.#placed.values()].flatMap(({ id }) => id ?? []);
  }

  /**
   * One order under one key, tried until the mediator says yes or no; as many times at once as its customer clicks.
   * @throws WonderlandError when it says neither within `withinMs`.
   */
  async place(order: PlannedOrder, awaitsDecision: boolean, withinMs: number): Promise<void> {
    const { elapsed } = this.#options;
    const { name } = order;
    const placedAtMs = elapsed();
    try {
      const clicks = Array.from({ length: order.clicks }, () =>
        patiently(this.#connection, withinMs, () => this.#post(order, awaitsDecision)),
      );
      // All clicks are answered with the same order; another one would be a stray of the run.
      const [first] = await Promise.all(clicks);
      this.#keep({ name, placedAtMs, ...(first !== undefined && { id: first.id }) });
    } catch (error) {
      const isRefusal = error instanceof WonderlandError && !error.retryable;
      if (!isRefusal) throw error;
      this.#keep({ name, placedAtMs, refusal: error.message });
    }
  }

  #keep(placed: Placed): void {
    const { elapsed, onPlaced } = this.#options;
    const { name: order, placedAtMs: atMs, id, refusal } = placed;
    this.#placed.set(order, placed);
    onPlaced({
      order,
      atMs,
      tookMs: elapsed() - atMs,
      ...(id !== undefined && { orderId: id }),
      ...(refusal !== undefined && { refusal }),
    });
  }

  /**
   * Takes an order back; one that was refused, or that it is too late for, is left as it is.
   * @throws WonderlandError when the mediator says neither yes nor no within `withinMs`.
   */
  async cancel(name: string, withinMs: number): Promise<void> {
    const id = this.#placed.get(name)?.id;
    if (id === undefined) return;
    const { http } = this.#connection;
    const path = `/orders/${id}/cancel`;
    const query = { wait: DECISION_MS };
    try {
      await patiently(this.#connection, withinMs, () =>
        http.exchange({ method: 'POST', path, query, answer: OrderView }),
      );
    } catch (error) {
      const isTooLate = error instanceof WonderlandError && error.code === 'not-cancellable';
      if (!isTooLate) throw error;
    }
  }

  /** These orders as the saga log has them now; `views` is all that the run has. */
  async observe(names: readonly string[], views: readonly OrderView[]): Promise<SeenOrder[]> {
    await this.#refresh(views);
    return names.map((name) => {
      const placed = this.#placed.get(name);
      const detail = placed?.id === undefined ? undefined : this.#details.get(placed.id);
      return {
        name,
        ...(detail !== undefined && { detail }),
        ...(placed?.refusal !== undefined && { refusal: placed.refusal }),
        ...(placed !== undefined && { placedAtMs: placed.placedAtMs }),
      };
    });
  }

  /** Where each order of the run stands, without its history. */
  async list(): Promise<readonly OrderView[]> {
    const query = { run: this.#world.run, limit: LIST_LIMIT };
    return (await this.#connection.http.exchange({ path: '/orders', query, answer: OrderList }))
      .orders;
  }

  isOurs({ customerId }: JournalEntry): boolean {
    return customerId.startsWith(`${this.#world.run}-`);
  }

  #post(order: PlannedOrder, awaitsDecision: boolean): Promise<OrderView> {
    const { world, policy } = this.#options;
    return this.#connection.http.exchange({
      method: 'POST',
      path: '/orders',
      query: { wait: awaitsDecision ? DECISION_MS : 0 },
      headers: {
        'idempotency-key': `${world.run}/${order.name}`,
        'wonderland-run': labelOf(world.run, order.name),
        ...(Object.keys(policy).length > 0 && { 'wonderland-policy': JSON.stringify(policy) }),
      },
      body: {
        customerId: world.customerId(order.customer),
        lines: [{ bookId: world.bookId(order.book), quantity: order.quantity }],
        payment: order.payment,
      },
      answer: OrderView,
    });
  }

  /** Reads the history of the orders that moved since it was read last. */
  async #refresh(views: readonly OrderView[]): Promise<void> {
    const stale = views.filter((view) => {
      const known = this.#details.get(view.id);
      return (
        known?.updatedAt !== view.updatedAt ||
        known.status !== view.status ||
        known.open !== view.open
      );
    });
    for (let from = 0; from < stale.length; from += DETAILS_AT_ONCE) {
      await Promise.all(
        stale.slice(from, from + DETAILS_AT_ONCE).map(async ({ id }) => {
          const path = `/orders/${id}`;
          const detail = await this.#connection.http.exchange({ path, answer: OrderDetail });
          this.#details.set(id, detail);
        }),
      );
    }
  }
}
