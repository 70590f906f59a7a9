/** A scenario's stage in a running stack: everything the port promises, over HTTP and the bus. */
import { ClosingStack } from '../../kernel/closing.ts';
import type { StackControl } from '../../stack/stack-control.ts';
import type { FaultOutcome } from '../judge/verdict.ts';
import { NOTHING_SEEN, type Observations } from '../judge/observations.ts';
import type { Source } from '../judge/sources.ts';
import type { PlannedOrder } from '../language/orders.ts';
import type { Send } from '../language/steps.ts';
import type { Claim } from '../plan/claims.ts';
import type { PlannedFault } from '../plan/faults.ts';
import { plannedOrders, type Plan } from '../plan.ts';
import type { Line, RunLine } from '../recording/lines.ts';
import { outcomesOf } from '../recording/outcomes.ts';
import type { Depth, Stage } from '../stage.ts';
import { auditOrders, auditSagas, auditStack, auditStock, straysOf } from './audits.ts';
import type { Connection } from './connection.ts';
import { LiveFaults } from './live-faults.ts';
import { News } from './news.ts';
import { LiveOrders } from './orders.ts';
import { PassageFiles } from './passage-files.ts';
import { patiently } from './patience.ts';
import { sendRaw } from './raw-message.ts';
import { LiveRecorder, type LineSink } from './recorder.ts';
import { StockWatch } from './stock-watch.ts';
import { createWorld, type World } from './world.ts';

/** How often the end is asked for when no news comes. */
const ASK_AGAIN_MS = 250;
/** Databases and mediator may be away for a while: that is what some scenarios are about. */
const OBSERVE_WITHIN_MS = 30_000;

interface Look {
  readonly connection: Connection;
  readonly depth: Depth;
  readonly sources: readonly Source[];
}

export interface LiveStageOptions {
  readonly connection: Connection;
  readonly control: StackControl;
  /** Where the parts of the stack keep their data. */
  readonly dataDir: string;
  readonly plan: Plan;
  /** What the recording says of the place. */
  readonly place: Pick<RunLine, 'stack' | 'engine' | 'version'>;
  /** Opens the place where the recording of a run goes. */
  readonly openSink: (run: string) => Promise<LineSink & AsyncDisposable>;
}

/** Makes the world of a plan; the run begins when it stands. */
export async function openLiveStage(options: LiveStageOptions): Promise<LiveStage> {
  const { connection, dataDir, plan } = options;
  await using opening = new ClosingStack();
  const world = await createWorld(connection, plan);
  const { run } = world;
  // Read together: lines of the runner count from one, lines of the parts from the other.
  const startedAt = connection.clock.now();
  const startedElapsed = connection.clock.elapsed();
  const passages = opening.use(await PassageFiles.open({ dataDir, run, startedAt }));
  const sink = opening.use(await options.openSink(run));
  const stage = new LiveStage({ ...options, world, passages, sink, startedAt, startedElapsed });
  try {
    await stage.open();
  } catch (error) {
    await stage[Symbol.asyncDispose]();
    throw error;
  }
  stage.own(opening.move());
  return stage;
}

interface LiveStageParts extends LiveStageOptions {
  readonly world: World;
  readonly passages: PassageFiles;
  readonly sink: LineSink;
  readonly startedAt: number;
  readonly startedElapsed: number;
}

class LiveStage implements Stage {
  readonly #parts: LiveStageParts;
  readonly #closing = new ClosingStack();
  readonly #recorder: LiveRecorder;
  readonly #orders: LiveOrders;
  readonly #looksAtStack: boolean;
  #around: AsyncDisposable | undefined;
  #last: Observations | undefined;
  #news: News | undefined;
  #faults: LiveFaults | undefined;
  #stock: StockWatch | undefined;

  constructor(parts: LiveStageParts) {
    const { connection, world, plan } = parts;
    this.#parts = parts;
    this.#recorder = new LiveRecorder(parts.sink, runLineOf(parts));
    this.#orders = new LiveOrders({
      connection,
      world,
      policy: plan.policy,
      elapsed: () => this.elapsed(),
      onPlaced: (placed) => this.record({ kind: 'placed', ...placed }),
    });
    this.#looksAtStack = claimsOf(plan).some(
      ({ kind }) => kind === 'services' || kind === 'queues',
    );
  }

  async open(): Promise<void> {
    const { connection, control, plan, world } = this.#parts;
    const { clock, rpc } = connection;
    this.#faults = this.#closing.use(
      await LiveFaults.open({
        connection,
        control,
        run: world.run,
        seed: plan.seed,
        elapsed: () => this.elapsed(),
        record: (line) => this.record(line),
        countFired: (faultId) => this.#recorder.countFired(faultId),
      }),
    );
    const isOurs = (entry: Parameters<LiveOrders['isOurs']>[0]): boolean => {
      const isOurEntry = this.#orders.isOurs(entry);
      if (isOurEntry) this.#faults?.onEvent(entry.event);
      return isOurEntry;
    };
    this.#news = this.#closing.use(await News.open(connection, isOurs));
    this.#stock = this.#closing.use(
      new StockWatch({
        after: (delayMs, callback) => clock.after(delayMs, callback, { weak: true }),
        elapsed: () => this.elapsed(),
        look: async () => (await auditStock(rpc, world)).books,
        onLook: (books) => this.#recorder.addStock(this.elapsed(), books),
      }),
    );
  }

  /** What is closed after everything of the stage itself. */
  own(around: AsyncDisposable): void {
    this.#around = around;
  }

  /** The run's id on the stack. */
  get run(): string {
    return this.#parts.world.run;
  }

  /** The recording so far. */
  get lines(): readonly Line[] {
    return this.#recorder.lines;
  }

  elapsed(): number {
    const { connection, startedElapsed } = this.#parts;
    return connection.clock.elapsed() - startedElapsed;
  }

  record(line: Line): void {
    this.#recorder.add(line);
  }

  async arm(faults: readonly PlannedFault[]): Promise<void> {
    if (faults.length > 0) await this.#faults?.arm(faults);
  }

  async heal(): Promise<void> {
    await this.#faults?.heal();
    this.record({ kind: 'healed', atMs: this.elapsed() });
  }

  async outcomes(): Promise<readonly FaultOutcome[]> {
    await this.#readPassages();
    this.#recordEntries();
    return outcomesOf(this.#parts.plan, this.#recorder.lines);
  }

  place(order: PlannedOrder, awaitsDecision: boolean): Promise<void> {
    return this.#orders.place(order, awaitsDecision, this.#parts.plan.settleMs);
  }

  cancel(order: string): Promise<void> {
    return this.#orders.cancel(order, this.#parts.plan.settleMs);
  }

  send(message: Send): Promise<void> {
    const { connection, world } = this.#parts;
    return sendRaw(connection, world.run, message);
  }

  observe(depth: Depth, sources: readonly Source[]): Promise<Observations> {
    const look = { connection: this.#parts.connection, depth, sources };
    return patiently(look.connection, OBSERVE_WITHIN_MS, () => this.#observe(look));
  }

  async #observe({ connection, depth, sources }: Look): Promise<Observations> {
    const { plan, world, startedAt } = this.#parts;
    const names = plannedOrders(plan).map(({ name }) => name);
    const views = await this.#orders.list();
    const orders = await this.#orders.observe(names, views);
    const { ids } = this.#orders;
    const [stock, audited, sagas, stack] = await Promise.all([
      sources.includes('inventory') ? auditStock(connection.rpc, world) : undefined,
      auditOrders(connection.rpc, ids, sources),
      depth === 'full' ? auditSagas(connection, ids) : undefined,
      this.#looksAtStack ? auditStack(connection) : {},
      this.#readPassages(),
    ]);
    const atMs = this.elapsed();
    if (stock !== undefined) {
      this.#stock?.inspect(stock.books);
      this.#recorder.addStock(atMs, stock.books);
    }
    if (audited.payments !== undefined) this.#recorder.addMoney(atMs, audited.payments);
    // What could not be found out of the stack this time is not what it was the last time.
    const { troubles: _, waiting: __, ...before } = this.#last ?? NOTHING_SEEN;
    this.#last = {
      ...before,
      atMs,
      startedAt,
      orders,
      breaches: this.#stock?.breaches ?? [],
      ...stock,
      ...audited,
      strays: straysOf(views, ids),
      messages: this.#recorder.tally(),
      disturbed: this.#recorder.disturbed(),
      ...(sagas !== undefined && { sagas }),
      ...stack,
    };
    return this.#last;
  }

  pause(forMs: number): Promise<void> {
    const { clock, signal } = this.#parts.connection;
    return clock.sleep(forMs, signal);
  }

  async waitForEnd(withinMs: number): Promise<void> {
    const deadline = this.elapsed() + withinMs;
    const { connection } = this.#parts;
    while (!connection.signal.aborted && this.elapsed() < deadline) {
      const views = await patiently(connection, withinMs, () => this.#orders.list());
      const open = views.filter((each) => each.open).length;
      if (views.length >= this.#orders.ids.length && open === 0) return;
      // The longer the list, the rarer it is read: reading must not slow down what it waits for.
      await connection.clock.sleep(Math.min(ASK_AGAIN_MS, open), connection.signal);
      await this.waitForNews(Math.min(ASK_AGAIN_MS, deadline - this.elapsed()));
    }
  }

  async waitForNews(withinMs: number): Promise<void> {
    await this.#news?.next(withinMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing[Symbol.asyncDispose]();
    await this.#around?.[Symbol.asyncDispose]();
  }

  async #readPassages(): Promise<void> {
    for (const line of await this.#parts.passages.readNew()) this.#recorder.add(line);
  }

  /** What the saga log has of each order; written when the run is over. */
  #recordEntries(): void {
    const { startedAt } = this.#parts;
    for (const { name: order, detail } of this.#last?.orders ?? []) {
      for (const entry of detail?.timeline ?? []) {
        this.record({ kind: 'entry', atMs: entry.at - startedAt, order, entry });
      }
    }
    this.#last = undefined;
  }
}

function runLineOf({ plan, world, place, startedAt }: LiveStageParts): RunLine {
  const { title, file, text, variables, cell, seed } = plan;
  return {
    kind: 'run',
    format: 1,
    run: world.run,
    title,
    file,
    text,
    variables,
    cell,
    seed,
    ...place,
    startedAt,
  };
}

function claimsOf({ steps, claims, steady = [] }: Plan): readonly Claim[] {
  return [...steps.flatMap((step) => ('claims' in step ? step.claims : [])), ...claims, ...steady];
}
