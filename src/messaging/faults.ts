/** Faults at the points of a message's life: the port that wrappers ask, and the board that scenarios arm. */
import type { Fault, FaultAction, FaultReport, Point } from '../contracts/faults.ts';
import type { Clock } from '../kernel/clock.ts';

/** What the wrappers know of a message when they ask. */
export interface MessageFacts {
  readonly type: string;
  readonly run?: string | undefined;
}

export interface Faults {
  /** The actions due at this point of this message, in the order they were armed. Asking counts as passing it. */
  at(point: Point, message: MessageFacts): readonly FaultAction[];
}

/** No faults at all: what runs where faults are not allowed. */
export const NO_FAULTS: Faults = { at: () => [] };

interface ArmedFault {
  readonly fault: Fault;
  readonly expiresAt: number;
  seen: number;
  fired: number;
}

/** The armed faults of one part. A fault only ever hits messages of its own run. */
export class FaultBoard implements Faults {
  readonly #service: string;
  readonly #clock: Clock;
  #armed: ArmedFault[] = [];
  /** Handled messages by run and name, for the near misses of a fault that never fired. */
  readonly #passed = new Map<string, Map<string, number>>();

  constructor(service: string, clock: Clock) {
    this.#service = service;
    this.#clock = clock;
  }

  /** Arms, or renews the lease of what is armed already. */
  arm(faults: readonly Fault[], leaseMs: number): void {
    const expiresAt = this.#clock.elapsed() + leaseMs;
    for (const fault of faults) {
      if (fault.service !== this.#service && fault.service !== '*') continue;
      const known = this.#armed.find((each) => each.fault.id === fault.id);
      this.#armed = this.#armed.filter((each) => each !== known);
      this.#armed.push({ fault, expiresAt, seen: known?.seen ?? 0, fired: known?.fired ?? 0 });
      if (!this.#passed.has(fault.run)) this.#passed.set(fault.run, new Map());
    }
  }

  /** Disarms all faults of a run; answers what became of them. */
  clear(run: string): { reports: FaultReport[]; passed: Record<string, number> } {
    const mine = this.#armed.filter((each) => each.fault.run === run);
    this.#armed = this.#armed.filter((each) => each.fault.run !== run);
    const passed = Object.fromEntries(this.#passed.get(run) ?? []);
    this.#passed.delete(run);
    return {
      reports: mine.map(({ fault, fired }) => ({
        faultId: fault.id,
        service: this.#service,
        fired,
      })),
      passed,
    };
  }

  at(point: Point, message: MessageFacts): readonly FaultAction[] {
    if (message.run === undefined || this.#armed.length === 0) return [];
    this.#count(point, message.run, message.type);
    const now = this.#clock.elapsed();
    return this.#armed
      .filter((each) => matches(each.fault, point, message) && now <= each.expiresAt)
      .filter(isDue)
      .map((each) => each.fault.action);
  }

  #count(point: Point, run: string, type: string): void {
    if (point !== 'handle') return;
    const counts = this.#passed.get(run);
    counts?.set(type, (counts.get(type) ?? 0) + 1);
  }
}

/** Counts the match, and the hit when it is one. */
function isDue(armed: ArmedFault): boolean {
  const { nth, times } = armed.fault;
  armed.seen++;
  if (armed.seen < nth || (times !== undefined && armed.seen >= nth + times)) return false;
  armed.fired++;
  return true;
}

function matches(fault: Fault, point: Point, message: MessageFacts): boolean {
  return (
    fault.run === message.run &&
    fault.point === point &&
    (fault.message === '*' || fault.message === message.type)
  );
}
