/** Where a scenario is played, as a port: a live stack, or later the simulator. Play and judge know no other. */
import type { FaultOutcome } from './judge/verdict.ts';
import type { Observations } from './judge/observations.ts';
import type { Source } from './judge/sources.ts';
import type { PlannedOrder } from './language/orders.ts';
import type { Send } from './language/steps.ts';
import type { PlannedFault } from './plan/faults.ts';
import type { Line } from './recording/lines.ts';

/** How much is looked at: `quick` leaves out what is slow to read and matters only at the end. */
export type Depth = 'quick' | 'full';

/** The world of one run: its own books, customers and orders. Disposing leaves no fault behind. */
export interface Stage extends AsyncDisposable {
  /** Monotonic milliseconds since the run began. */
  elapsed(): number;
  /** Arms faults; resolves when every part concerned has them. What is to happen now has happened then. */
  arm(faults: readonly PlannedFault[]): Promise<void>;
  /** Undoes all faults so far, everywhere, and makes sure of it. What became of them is still known afterwards. */
  heal(): Promise<void>;
  /** What became of each fault that was armed. */
  outcomes(): Promise<readonly FaultOutcome[]>;
  /** Places an order, under one key however often it has to be tried; optionally waits for its decision. */
  place(order: PlannedOrder, awaitsDecision: boolean): Promise<void>;
  /** Takes an order back, or leaves it as it is when it is too late; waits until it is cancelled. */
  cancel(order: string): Promise<void>;
  /** Puts a raw message into the queue of a part. */
  send(message: Send): Promise<void>;
  /**
   * What there is to see now, read from databases, saga log and what the parts wrote down. Of the parts only these
   * sources are asked; what the others have is as it was when they were asked last.
   */
  observe(depth: Depth, sources: readonly Source[]): Promise<Observations>;
  /** Waits, or returns early when the run is given up. */
  pause(forMs: number): Promise<void>;
  /** Resolves when no placed order is open as far as is known, or after `withinMs`. */
  waitForEnd(withinMs: number): Promise<void>;
  /** Resolves when something has happened to an order of the run, or after `withinMs`. */
  waitForNews(withinMs: number): Promise<void>;
  /** Adds to the recording of the run. */
  record(line: Line): void;
}
