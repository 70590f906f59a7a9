/** The faults of a run on a live stack: armed in the parts, or done to them; undone whatever happens. */
import type { Fault, FaultAction } from '../../contracts/faults.ts';
import type { OrderEvent } from '../../contracts/orders.ts';
import type { Timer } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import { FaultControl, type FiredFault } from '../../messaging/control.ts';
import { PARTICIPANTS } from '../../messaging/topology.ts';
import type { StackControl } from '../../stack/stack-control.ts';
import type { PlannedFault, StackAction } from '../plan/faults.ts';
import type { Line } from '../recording/lines.ts';
import { faultIdOf } from '../recording/outcomes.ts';
import type { Connection } from './connection.ts';
import { deafParts, stuckFaults } from './fault-trouble.ts';

/** Faults end by themselves this long after the last sign of life, should this process be killed. */
const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
const ANSWER_WITHIN_MS = 3_000;
/** A part that was just taken down needs this long to be back, and to listen. */
const BACK_WITHIN_MS = 20_000;
const ASK_AGAIN_MS = 200;
/** What is held goes on by itself after this time, should this process be killed. */
const HOLD_LIMIT_MS = 10_000;
/** Parts that handle messages of orders. */
const HANDLING_PARTS = ['mediator', ...PARTICIPANTS, 'notification'];

export interface LiveFaultsOptions {
  readonly connection: Connection;
  readonly control: StackControl;
  readonly run: string;
  readonly seed: number;
  readonly elapsed: () => number;
  readonly record: (line: Line) => void;
  /** How often a fault has hit, as the parts wrote it down. */
  readonly countFired: (faultId: string) => number;
}

type Reached = Pick<FiredFault, 'service' | 'instance'>;

/** Disposing heals; healing twice is harmless. */
export class LiveFaults implements AsyncDisposable {
  readonly #options: LiveFaultsOptions;
  readonly #faults: FaultControl;
  /** Armed in the parts, by their id on the stack. */
  readonly #armed = new Map<string, { readonly fault: Fault; readonly planned: PlannedFault }>();
  readonly #timers = new Set<Timer>();
  readonly #awaited = new Map<OrderEvent, Array<{ planned: PlannedFault; left: number }>>();
  readonly #acting = new Set<Promise<unknown>>();
  #renewal: Timer | undefined;
  #hasActed = false;
  /** Parts that were cut off or skewed: they have to say that it is over. */
  readonly #told = new Set<string>();
  #isHealing = false;

  private constructor(options: LiveFaultsOptions, faults: FaultControl) {
    this.#options = options;
    this.#faults = faults;
    faults.onFired((fired) => this.#onFired(fired));
  }

  static async open(options: LiveFaultsOptions): Promise<LiveFaults> {
    const { bus, names, ids, clock } = options.connection;
    const services = HANDLING_PARTS;
    const withinMs = ANSWER_WITHIN_MS;
    const faults = await FaultControl.open({ bus, names, ids, clock, services, withinMs });
    return new LiveFaults(options, faults);
  }

  /**
   * Arms what waits for a place, sets the timers of the others, and does what is to be done now.
   * @throws UserError `environment` when a part that is to fail does not listen for faults.
   */
  async arm(planned: readonly PlannedFault[]): Promise<void> {
    const points: Fault[] = [];
    for (const fault of planned) {
      if (fault.place.kind === 'point') points.push(this.#pointFault(fault));
      if (fault.place.kind === 'time') this.#schedule(fault, fault.place.afterMs);
      if (fault.place.kind === 'event') this.#await(fault, fault.place);
    }
    if (points.length > 0) await this.#armInParts(points);
    for (const fault of planned) {
      if (fault.place.kind === 'now' && fault.does.kind === 'stack')
        await this.#act(fault, fault.does);
    }
  }

  /** An order of the run has had this event. */
  onEvent(event: OrderEvent): void {
    for (const awaited of this.#awaited.get(event) ?? []) {
      awaited.left--;
      if (awaited.left === 0) this.#actInBackground(awaited.planned);
    }
  }

  /**
   * Nothing is armed any more, every part is back and has said so.
   * @throws UserError `part-failed` when a part does not confirm it.
   */
  async heal(): Promise<void> {
    this.#isHealing = true;
    try {
      await this.#undo();
    } finally {
      this.#isHealing = false;
    }
  }

  async #undo(): Promise<void> {
    this.#renewal?.cancel();
    this.#renewal = undefined;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#awaited.clear();
    await Promise.all(this.#acting);
    const services = this.#concerned();
    if (this.#hasActed) await this.#options.control.heal();
    const isArmed = this.#armed.size > 0 || this.#hasActed;
    this.#armed.clear();
    if (isArmed) await this.#clear(services);
    this.#hasActed = false;
    this.#told.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.heal().catch(() => undefined);
    await this.#faults[Symbol.asyncDispose]();
  }

  #concerned(): readonly string[] {
    const armed = [...this.#armed.values()].map(({ fault }) => fault.service);
    const named = new Set([...armed, ...this.#told]);
    return named.has('*') ? HANDLING_PARTS : [...named];
  }

  /** Ids are unique on the stack, so that runs side by side do not mix. */
  #pointFault(planned: PlannedFault): Fault {
    if (planned.place.kind !== 'point') throw new TypeError('a place without a message');
    const { run, seed } = this.#options;
    const { order, attempt, times, rate, nth, does } = planned;
    const hold: FaultAction = { verb: 'hold', limitMs: HOLD_LIMIT_MS };
    const fault: Fault = {
      id: faultIdOf(planned, run),
      run,
      ...planned.place.target,
      action: does.kind === 'message' ? does.action : hold,
      nth,
      seed,
      ...(order !== undefined && { order }),
      ...(attempt !== undefined && { attempt }),
      ...(times !== undefined && { times }),
      ...(rate !== undefined && { rate }),
    };
    this.#armed.set(fault.id, { fault, planned });
    return fault;
  }

  async #armInParts(faults: readonly Fault[]): Promise<void> {
    const named = new Set(faults.map(({ service }) => service));
    const services = named.has('*') ? HANDLING_PARTS : [...named];
    const missing = await this.#untilAnswered(services, () =>
      this.#faults.arm(faults, LEASE_MS, services),
    );
    if (missing.length > 0) throw deafParts(missing);
    this.#renew();
  }

  /** Parts that were taken down are waited for; whoever never listened is not. */
  async #untilAnswered(
    services: readonly string[],
    ask: () => Promise<readonly string[]>,
  ): Promise<readonly string[]> {
    const { clock, signal } = this.#options.connection;
    const deadline = clock.elapsed() + (this.#hasActed ? BACK_WITHIN_MS : ANSWER_WITHIN_MS);
    let missing = services;
    while (missing.length > 0) {
      missing = await ask();
      if (missing.length === 0 || clock.elapsed() >= deadline) return missing;
      await clock.sleep(ASK_AGAIN_MS, signal);
    }
    return missing;
  }

  /** What is spent is not renewed: a part that comes back must not be hit once more. */
  #renew(): void {
    this.#renewal?.cancel();
    this.#renewal = this.#options.connection.clock.after(
      RENEW_MS,
      () => {
        const live = [...this.#armed.values()].flatMap(({ fault }) =>
          this.#options.countFired(fault.id) < (fault.times ?? Infinity) ? [fault] : [],
        );
        if (live.length > 0) void this.#faults.arm(live, LEASE_MS, []);
        this.#renew();
      },
      { weak: true },
    );
  }

  async #clear(services: readonly string[]): Promise<void> {
    const { run } = this.#options;
    const missing = await this.#untilAnswered(
      services.length > 0 ? services : HANDLING_PARTS,
      async () => {
        const answer = await this.#faults.clear({ run });
        const answered = new Set(answer.reports.map(({ service }) => service));
        return services.filter((each) => !answered.has(each));
      },
    );
    if (missing.length > 0) throw stuckFaults(missing, LEASE_MS);
  }

  #schedule(planned: PlannedFault, afterMs: number): void {
    const { connection, elapsed } = this.#options;
    const delayMs = Math.max(0, afterMs - elapsed());
    const timer = connection.clock.after(delayMs, () => this.#actInBackground(planned), {
      weak: true,
    });
    this.#timers.add(timer);
  }

  #await(planned: PlannedFault, { event, count }: { event: OrderEvent; count: number }): void {
    this.#awaited.set(event, [...(this.#awaited.get(event) ?? []), { planned, left: count }]);
  }

  #actInBackground(planned: PlannedFault): void {
    if (planned.does.kind === 'stack') this.#follow(this.#act(planned, planned.does));
  }

  /** A part has reached the place of a fault and waits there: now it happens. */
  #onFired(fired: FiredFault): void {
    const armed = this.#armed.get(fired.faultId);
    if (armed === undefined || fired.hold === undefined) return;
    const { hold } = fired;
    const { planned } = armed;
    if (planned.does.kind !== 'stack') return;
    // While parts come back, what they had in hand passes the place once more: that is not to be hit again.
    const acted = this.#isHealing ? Promise.resolve() : this.#act(planned, planned.does, fired);
    this.#follow(acted.then(() => this.#faults.release(hold)));
  }

  #follow(work: Promise<unknown>): void {
    const followed = work.catch(() => undefined).finally(() => this.#acting.delete(followed));
    this.#acting.add(followed);
  }

  /** What can't be done is told in the recording: the fault counts as one that never fired. */
  async #act(planned: PlannedFault, action: StackAction, reached?: Reached): Promise<void> {
    const { record, elapsed } = this.#options;
    const { verb, part, forMs } = action;
    const instance = reached?.service === part ? partOfInstance(reached.instance) : undefined;
    const line = {
      kind: 'stack' as const,
      atMs: elapsed(),
      faultId: planned.id,
      verb,
      part,
      ...(instance !== undefined && { instance }),
      ...(forMs !== undefined && { forMs }),
    };
    this.#hasActed = true;
    try {
      await this.#carryOut(action, instance);
      record(line);
    } catch (error) {
      record({ ...line, problem: messageOf(error) });
    }
  }

  async #carryOut({ verb, part, forMs, byMs }: StackAction, instance?: string): Promise<void> {
    const { control, run } = this.#options;
    const target = { part, ...(instance !== undefined && { instance }) };
    const lastsMs = forMs ?? 0;
    switch (verb) {
      case 'crash':
        return control.crash(target, forMs);
      case 'restart':
        return control.restart(target, forMs);
      case 'hang':
        return control.hang(target, lastsMs);
      case 'partition':
        return this.#tell(part, () => this.#faults.cut({ run, service: part, forMs: lastsMs }));
      case 'skew':
        return this.#tell(part, () =>
          this.#faults.skew({ run, service: part, byMs, forMs: lastsMs }),
        );
    }
  }

  async #tell(part: string, say: () => Promise<readonly string[]>): Promise<void> {
    if ((await say()).includes(part)) throw deafParts([part]);
    this.#told.add(part);
  }
}

/** `mediator-2-a1b2c3` is a process of the part `mediator-2`. */
function partOfInstance(instance: string): string {
  return instance.slice(0, instance.lastIndexOf('-'));
}
