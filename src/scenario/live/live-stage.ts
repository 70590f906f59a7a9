/** A scenario's stage in a running stack: everything the port promises, over HTTP and the bus. */
import { ClosingStack } from '../../kernel/closing.ts';
import type { FaultOutcome } from '../judge/verdict.ts';
import type { Observations } from '../judge/observations.ts';
import type { PlannedOrder } from '../language/orders.ts';
import { plannedOrders, type Plan } from '../plan.ts';
import type { Stage } from '../stage.ts';
import { ArmedFaults } from './armed-faults.ts';
import { auditOrders, auditStock } from './audits.ts';
import type { Connection } from './connection.ts';
import { LiveOrders } from './orders.ts';
import { News } from './news.ts';
import { patiently } from './patience.ts';
import { StockWatch } from './stock-watch.ts';
import { createWorld, type World } from './world.ts';

/** How often the end is asked for when no news comes. */
const ASK_AGAIN_MS = 250;
/** Databases and mediator may be away for a while: that is what some scenarios are about. */
const OBSERVE_WITHIN_MS = 10_000;

/** Makes the world of a plan; the run begins when it stands. */
export async function openLiveStage(connection: Connection, plan: Plan): Promise<LiveStage> {
  const world = await createWorld(connection, plan);
  const orders = new LiveOrders({ connection, world, shipAfterMs: plan.shipAfterMs });
  const news = await News.open(connection, (entry) => orders.isOurs(entry));
  return new LiveStage({ connection, plan, world, orders, news });
}

interface LiveStageParts {
  readonly connection: Connection;
  readonly plan: Plan;
  readonly world: World;
  readonly orders: LiveOrders;
  readonly news: News;
}

class LiveStage implements Stage {
  readonly #parts: LiveStageParts;
  readonly #closing = new ClosingStack();
  readonly #startedAt: number;
  readonly #startedElapsed: number;
  readonly #stock: StockWatch;
  #faults: ArmedFaults | undefined;

  constructor(parts: LiveStageParts) {
    const { clock, rpc } = parts.connection;
    this.#parts = parts;
    this.#startedAt = clock.now();
    this.#startedElapsed = clock.elapsed();
    this.#closing.use(parts.news);
    this.#stock = this.#closing.use(
      new StockWatch({
        after: (delayMs, callback) => clock.after(delayMs, callback, { weak: true }),
        elapsed: () => this.elapsed(),
        look: async () => (await auditStock(rpc, parts.world)).books,
      }),
    );
  }

  /** The run's id on the stack. */
  get run(): string {
    return this.#parts.world.run;
  }

  elapsed(): number {
    return this.#parts.connection.clock.elapsed() - this.#startedElapsed;
  }

  async arm(): Promise<void> {
    const { connection, plan, world } = this.#parts;
    if (plan.faults.length === 0) return;
    const options = { connection, run: world.run, planned: plan.faults };
    this.#faults = this.#closing.use(await ArmedFaults.arm(options));
  }

  async disarm(): Promise<readonly FaultOutcome[]> {
    return (await this.#faults?.disarm()) ?? [];
  }

  place(order: PlannedOrder, awaitsDecision: boolean): Promise<void> {
    const { orders, plan } = this.#parts;
    return orders.place(order, awaitsDecision, plan.settleMs);
  }

  cancel(order: string): Promise<void> {
    const { orders, plan } = this.#parts;
    return orders.cancel(order, plan.settleMs);
  }

  observe(): Promise<Observations> {
    return patiently(this.#parts.connection, OBSERVE_WITHIN_MS, () => this.#observe());
  }

  async #observe(): Promise<Observations> {
    const { connection, plan, world, orders } = this.#parts;
    const names = plannedOrders(plan).map(({ name }) => name);
    const seen = await orders.observe(names);
    const [stock, audited] = await Promise.all([
      auditStock(connection.rpc, world),
      auditOrders(connection.rpc, orders.ids),
    ]);
    this.#stock.inspect(stock.books);
    return {
      atMs: this.elapsed(),
      startedAt: this.#startedAt,
      orders: seen,
      breaches: this.#stock.breaches,
      ...stock,
      ...audited,
    };
  }

  async waitForEnd(withinMs: number): Promise<void> {
    const deadline = this.elapsed() + withinMs;
    const { orders, connection } = this.#parts;
    while (!connection.signal.aborted && this.elapsed() < deadline) {
      const views = await patiently(connection, withinMs, () => orders.list());
      const open = views.filter((each) => each.open).length;
      if (views.length >= orders.ids.length && open === 0) return;
      // The longer the list, the rarer it is read: reading must not slow down what it waits for.
      await connection.clock.sleep(Math.min(ASK_AGAIN_MS, open), connection.signal);
      await this.waitForNews(Math.min(ASK_AGAIN_MS, deadline - this.elapsed()));
    }
  }

  waitForNews(withinMs: number): Promise<void> {
    return this.#parts.news.next(withinMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing[Symbol.asyncDispose]();
  }
}
