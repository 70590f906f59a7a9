/** Where a scenario is played, as a port: a live stack, or later the simulator. Play and judge know no other. */
import type { FaultOutcome } from './judge/verdict.ts';
import type { Observations } from './judge/observations.ts';
import type { PlannedOrder } from './language/orders.ts';

/** The world of one run: its own books, customers and orders. Disposing leaves no fault behind. */
export interface Stage extends AsyncDisposable {
  /** Monotonic milliseconds since the run began. */
  elapsed(): number;
  /** Arms the plan's faults; resolves when every part concerned has them. */
  arm(): Promise<void>;
  /** Disarms them everywhere; what became of each. */
  disarm(): Promise<readonly FaultOutcome[]>;
  /** Places an order, under one key however often it has to be tried; optionally waits for its decision. */
  place(order: PlannedOrder, awaitsDecision: boolean): Promise<void>;
  /** Takes an order back, or leaves it as it is when it is too late; waits until it is cancelled. */
  cancel(order: string): Promise<void>;
  /** All there is to see now, read from databases and saga log. */
  observe(): Promise<Observations>;
  /** Resolves when no placed order is open as far as is known, or after `withinMs`. */
  waitForEnd(withinMs: number): Promise<void>;
  /** Resolves when something has happened to an order of the run, or after `withinMs`. */
  waitForNews(withinMs: number): Promise<void>;
}
