/** The orders of a run on a live stack: placed over HTTP as customers do, and looked at in the saga log. */
import { z } from 'zod';

import { OrderDetail, OrderView, type JournalEntry } from '../../contracts/orders.ts';
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
}

export interface LiveOrdersOptions {
  readonly connection: Connection;
  readonly world: World;
  /** How long a confirmed order rests before it is shipped, milliseconds; undefined: as in the shop. */
  readonly shipAfterMs: number | undefined;
}

export class LiveOrders {
  readonly #connection: Connection;
  readonly #world: World;
  readonly #shipAfterMs: number | undefined;
  readonly #placed = new Map<string, Placed>();
  readonly #details = new Map<string, OrderDetail>();

  constructor({ connection, world, shipAfterMs }: LiveOrdersOptions) {
    this.#connection = connection;
    this.#world = world;
    this.#shipAfterMs = shipAfterMs;
  }

  /** Real ids of all accepted orders. */
  get ids(): string[] {
    return [...this.#placed.values()].flatMap(({ id }) => id ?? []);
  }

  /**
   * One order under one key, tried until the mediator says yes or no.
   * @throws WonderlandError when it says neither within `withinMs`.
   */
  async place(order: PlannedOrder, awaitsDecision: boolean, withinMs: number): Promise<void> {
    try {
      const { id } = await patiently(this.#connection, withinMs, () =>
        this.#post(order, awaitsDecision),
      );
      this.#placed.set(order.name, { name: order.name, id });
    } catch (error) {
      const isRefusal = error instanceof WonderlandError && !error.retryable;
      if (!isRefusal) throw error;
      this.#placed.set(order.name, { name: order.name, refusal: error.message });
    }
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

  /** Every order of the plan as the saga log has it now. */
  async observe(names: readonly string[]): Promise<SeenOrder[]> {
    await this.#refresh(await this.list());
    return names.map((name) => {
      const placed = this.#placed.get(name);
      const detail = placed?.id === undefined ? undefined : this.#details.get(placed.id);
      return {
        name,
        ...(detail !== undefined && { detail }),
        ...(placed?.refusal !== undefined && { refusal: placed.refusal }),
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
    const world = this.#world;
    return this.#connection.http.exchange({
      method: 'POST',
      path: '/orders',
      query: { wait: awaitsDecision ? DECISION_MS : 0 },
      headers: {
        'idempotency-key': `${world.run}/${order.name}`,
        'wonderland-run': world.run,
        ...(this.#shipAfterMs !== undefined && {
          'wonderland-policy': JSON.stringify({ shipAfterMs: this.#shipAfterMs }),
        }),
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
