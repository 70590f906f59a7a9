/** Faults at the points of a message's life: the port that wrappers ask, and the board that scenarios arm. */
import type { Fault, FaultAction, FaultReport, Point } from '../contracts/faults.ts';
import type { Clock } from '../kernel/clock.ts';

/** What the wrappers know of a message when they ask. */
export interface MessageFacts {
  readonly type: string;
  readonly run?: string | undefined;
}

export interface Faults {
  /** The action due at this point of this message, if any. Asking counts as passing the point. */
  at(point: Point, message: MessageFacts): FaultAction | undefined;
}

/** No faults at all: what runs where faults are not allowed. */
export const NO_FAULTS: Faults = { at: () => undefined };

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

  at(point: Point, message: MessageFacts): FaultAction | undefined {
    if (message.run === undefined || this.#armed.length === 0) return undefined;
    this.#count(point, message.run, message.type);
    for (const armed of this.#armed) {
      if (!matches(armed.fault, point, message)) continue;
      if (this.#clock.elapsed() > armed.expiresAt) continue;
      armed.seen++;
      const { nth, times } = armed.fault;
      const isDue = armed.seen >= nth && (times === undefined || armed.seen < nth + times);
      if (!isDue) continue;
      armed.fired++;
      return armed.fault.action;
    }
    return undefined;
  }

  #count(point: Point, run: string, type: string): void {
    if (point !== 'handle') return;
    const counts = this.#passed.get(run);
    counts?.set(type, (counts.get(type) ?? 0) + 1);
  }
}

function matches(fault: Fault, point: Point, message: MessageFacts): boolean {
  return (
    fault.run === message.run &&
    fault.point === point &&
    (fault.message === '*' || fault.message === message.type)
  );
}
