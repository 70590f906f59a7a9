/** Faults at the points of a message's life: the port that wrappers ask, and the board that scenarios arm. */
import { EVERY_RUN, type Fault, type FaultReport, type Point } from '../contracts/faults.ts';
import { records } from '../contracts/logs.ts';
import { partsOf } from '../contracts/run-label.ts';
import type { Clock } from '../kernel/clock.ts';
import { seededRandom, type Random } from '../kernel/random.ts';
import { Holds } from './holds.ts';
import type { Passing } from './passing.ts';

/** An order passes the points under this name when it comes over HTTP. */
export const ORDER_PLACE = 'order.place';
/** Most faults that a part remembers. */
const MAX_FAULTS = 1_000;

/** A fault that hits the message that was asked about. */
export interface DueFault {
  readonly fault: Fault;
  /** Of its own draws: the same seed gives the same ones, whatever other faults do. */
  readonly random: Random;
  /** Others have to hear of it: they count its hits, or it is the first one here. */
  readonly isNews: boolean;
}

/** What is told of a hit. */
export interface Hit {
  readonly fault: Fault;
  readonly point: Point;
  readonly message: Passing;
  /** The message waits under this name. */
  readonly hold?: string;
}

export interface Faults {
  /** Messages that are held here. */
  readonly holds: Holds | undefined;
  /** The faults due at this point of this message, in the order they were armed. Asking counts as passing it. */
  at(point: Point, message: Passing): readonly DueFault[];
  /** Tells all parts and whoever armed the fault; resolves when the broker knows, or will not. Never throws. */
  announce(hit: Hit): Promise<void>;
}

const NONE: readonly DueFault[] = [];

/** No faults at all: what runs where faults are not allowed. */
export const NO_FAULTS: Faults = {
  holds: undefined,
  at: () => NONE,
  announce: () => Promise.resolve(),
};

/** An armed fault as it is told to others. */
export interface LiveFault {
  readonly fault: Fault;
  /** Hits of all processes, as far as is known here. */
  readonly fired: number;
  readonly endsInMs: number;
}

interface ArmedFault {
  fault: Fault;
  readonly random: Random;
  /** Not the ones above: how often a fault hits must not change where. */
  readonly rates: Random;
  expiresAt: number;
  seen: number;
  firedHere: number;
  /** By other processes, or by earlier ones of this part. */
  firedElsewhere: number;
}

export interface BoardOptions {
  readonly service: string;
  readonly clock: Clock;
  /** For faults without a seed. */
  readonly random: Random;
}

/** Which faults to disarm: of a run, or of every one; all of them, or these. */
export interface Clearing {
  readonly run?: string | undefined;
  readonly faultIds?: readonly string[] | undefined;
}

/**
 * The armed faults, those of other services too, so that any part can tell one that has just started. A fault
 * only ever hits messages of its own run; one of every run hits whatever belongs to an order, and neither canaries
 * nor audits nor log records.
 */
export class FaultBoard implements Faults {
  readonly holds: Holds;
  readonly #options: BoardOptions;
  readonly #armed = new Map<string, ArmedFault>();
  /** Handled messages by run and name, for the near misses of a fault that never fired. */
  readonly #passed = new Map<string, Map<string, number>>();
  #tell: (hit: Hit) => Promise<void> = () => Promise.resolve();

  constructor(options: BoardOptions) {
    this.#options = options;
    this.holds = new Holds(options.clock);
  }

  /** From now on hits have a way out. */
  connect(tell: (hit: Hit) => Promise<void>): void {
    this.#tell = tell;
  }

  /**
   * Arms, or renews the lease of what is armed already.
   * @param fired hits that others know of, by fault id: what is spent elsewhere is spent here.
   */
  arm(
    faults: readonly Fault[],
    leaseMs: number,
    fired: Readonly<Record<string, number>> = {},
  ): void {
    const expiresAt = this.#options.clock.elapsed() + leaseMs;
    for (const fault of faults) {
      const armed = this.#armed.get(fault.id) ?? this.#fresh(fault);
      armed.fault = fault;
      armed.expiresAt = Math.max(armed.expiresAt, expiresAt);
      armed.firedElsewhere = Math.max(
        armed.firedElsewhere,
        (fired[fault.id] ?? 0) - armed.firedHere,
      );
      this.#armed.set(fault.id, armed);
      if (!this.#passed.has(fault.run)) this.#passed.set(fault.run, new Map());
    }
    this.#forgetOldest();
  }

  /** Disarms faults and lets go of what they hold; answers what became of those that concern this part. */
  clear(clearing: Clearing): { reports: FaultReport[]; passed: Record<string, number> } {
    const { service } = this.#options;
    const mine = [...this.#armed.values()].filter(({ fault }) => isMeant(fault, clearing));
    for (const { fault } of mine) this.#armed.delete(fault.id);
    this.holds.releaseOf(new Set(mine.map(({ fault }) => fault.id)));
    const passed = this.#passedIn(clearing.run);
    const runs = new Set([...this.#armed.values()].map(({ fault }) => fault.run));
    for (const run of this.#passed.keys()) if (!runs.has(run)) this.#passed.delete(run);
    const reports = mine
      .filter(({ fault }) => concerns(fault, service))
      .map(({ fault, firedHere }) => ({ faultId: fault.id, service, fired: firedHere }));
    return { reports, passed };
  }

  /** Messages that faults of this run hold here go on; the faults stay. */
  letGo(run: string): void {
    const ofRun = [...this.#armed.values()].filter(({ fault }) => fault.run === run);
    this.holds.releaseOf(new Set(ofRun.map(({ fault }) => fault.id)));
  }

  /** What is armed and not ended. */
  list(): LiveFault[] {
    const now = this.#options.clock.elapsed();
    return [...this.#armed.values()]
      .filter(({ expiresAt }) => now <= expiresAt)
      .map((each) => ({
        fault: each.fault,
        fired: spentOf(each),
        endsInMs: each.expiresAt - now,
      }));
  }

  /** Another process has said that a fault hit there. */
  heed(faultId: string): void {
    const armed = this.#armed.get(faultId);
    if (armed !== undefined) armed.firedElsewhere++;
  }

  announce(hit: Hit): Promise<void> {
    return this.#tell(hit).catch(() => undefined);
  }

  at(point: Point, message: Passing): readonly DueFault[] {
    if (this.#armed.size === 0) return NONE;
    const subject = subjectOf(message);
    if (point === 'handle') this.#count(subject, message.type);
    const now = this.#options.clock.elapsed();
    const due: DueFault[] = [];
    for (const armed of this.#armed.values()) {
      const { fault } = armed;
      if (fault.point !== point || now > armed.expiresAt) continue;
      if (!concerns(fault, this.#options.service) || !matches(fault, message, subject)) continue;
      if (!isDue(armed)) continue;
      const isNews = fault.times !== undefined || armed.firedHere === 1;
      due.push({ fault, random: armed.random, isNews });
    }
    return due.length === 0 ? NONE : due;
  }

  #fresh(fault: Fault): ArmedFault {
    const source = fault.seed === undefined ? this.#options.random : seededRandom(fault.seed);
    return {
      fault,
      random: source.stream(`${fault.id}/draws`),
      rates: source.stream(fault.id),
      expiresAt: 0,
      seen: 0,
      firedHere: 0,
      firedElsewhere: 0,
    };
  }

  /** Whoever never clears what it armed must not fill the memory. */
  #forgetOldest(): void {
    for (const id of this.#armed.keys()) {
      if (this.#armed.size <= MAX_FAULTS) return;
      this.#armed.delete(id);
    }
  }

  #count({ run, isOfOrder }: Subject, type: string): void {
    const ofRun = run === undefined ? undefined : this.#passed.get(run);
    const ofAll = isOfOrder ? this.#passed.get(EVERY_RUN) : undefined;
    for (const counts of [ofRun, ofAll]) counts?.set(type, (counts.get(type) ?? 0) + 1);
  }

  #passedIn(run: string | undefined): Record<string, number> {
    const sums = new Map<string, number>();
    for (const [of, counts] of this.#passed) {
      if (run !== undefined && of !== run) continue;
      for (const [type, count] of counts) sums.set(type, (sums.get(type) ?? 0) + count);
    }
    return Object.fromEntries(sums);
  }
}

/** What a message is to faults. */
interface Subject {
  readonly run: string | undefined;
  readonly order: string | undefined;
  /** It carries an order's id, or brings the order. */
  readonly isOfOrder: boolean;
}

function subjectOf({ type, run: label, correlationId }: Passing): Subject {
  const { run, order } = label === undefined ? {} : partsOf(label);
  return { run, order, isOfOrder: correlationId !== undefined || type === ORDER_PLACE };
}

/** Does it have to do with this service? */
export function concerns({ service }: Pick<Fault, 'service'>, ours: string): boolean {
  return service === '*' || service === ours;
}

function isMeant(fault: Fault, { run, faultIds }: Clearing): boolean {
  return (run === undefined || fault.run === run) && (faultIds?.includes(fault.id) ?? true);
}

function matches(fault: Fault, message: Passing, { run, order, isOfOrder }: Subject): boolean {
  // Records of all orders travel together: a fault at them, by name, means whatever comes.
  const isRecords = fault.message === records.name && message.type === records.name;
  const isInRun = isRecords || (fault.run === EVERY_RUN ? isOfOrder : fault.run === run);
  return (
    isInRun &&
    (fault.message === '*' || fault.message === message.type) &&
    (fault.order === undefined || fault.order === order) &&
    (fault.attempt === undefined || fault.attempt === (message.attempt ?? 1))
  );
}

/**
 * Counts the match, and the hit when it is one. Two processes may both take the last hit at the same instant:
 * `times` is what they have heard of each other, not a lock.
 */
function isDue(armed: ArmedFault): boolean {
  const { nth, times, rate } = armed.fault;
  armed.seen++;
  if (armed.seen < nth || (times !== undefined && spentOf(armed) >= times)) return false;
  if (rate !== undefined && armed.rates.next() >= rate) return false;
  armed.firedHere++;
  return true;
}

function spentOf({ firedHere, firedElsewhere }: ArmedFault): number {
  return firedHere + firedElsewhere;
}
