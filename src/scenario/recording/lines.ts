/** The recording of a run, line by line: what reports, `wonderland check` and diagrams are made of. */
import type { Passage } from '../../contracts/passages.ts';
import type { TimelineEntry } from '../../contracts/orders.ts';
import type { Check } from '../judge/check.ts';
import type { Observations, SeenBook } from '../judge/observations.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { StackVerb } from '../language/faults.ts';
import type { Variables } from '../language/variables.ts';

/** Of the files; a reader refuses what it does not know. */
export const FORMAT = 1;

/** The first line. Text, variables and seed are enough to make the plan again. */
export interface RunLine {
  readonly kind: 'run';
  readonly format: typeof FORMAT;
  /** The run's id on the stack. */
  readonly run: string;
  readonly title: string;
  readonly file: string;
  readonly text: string;
  readonly variables: Variables;
  readonly cell: Variables;
  readonly seed: number;
  readonly stack: 'running' | 'ephemeral';
  readonly engine: string;
  /** Milliseconds since 1970: all `atMs` count from here. */
  readonly startedAt: number;
  /** The program that played it. */
  readonly version: string;
}

type OnlyWhat<P> = P extends unknown
  ? Omit<P, 'at' | 'run' | 'kind'> & { readonly what: KindOf<P> }
  : never;
type KindOf<P> = P extends { readonly kind: infer Kind } ? Kind : never;

/** A message at a point of its life, as a part wrote it down; `what` is the kind of the passage. */
export type PassageLine = OnlyWhat<Passage> & {
  readonly kind: 'passage';
  readonly atMs: number;
  /** The order's name in the file. */
  readonly order?: string;
};

/** `atMs` is milliseconds since the run began. */
export type Line =
  | RunLine
  | PassageLine
  /** A step began; `does` in words. */
  | { readonly kind: 'step'; readonly atMs: number; readonly step: number; readonly does: string }
  /** A customer clicked, and what came back. */
  | {
      readonly kind: 'placed';
      readonly atMs: number;
      readonly order: string;
      readonly tookMs: number;
      readonly orderId?: string;
      readonly refusal?: string;
    }
  /** Something was done to a part of the stack, or could not be done (`problem`). */
  | {
      readonly kind: 'stack';
      readonly atMs: number;
      readonly faultId: string;
      readonly verb: StackVerb;
      readonly part: string;
      readonly instance?: string;
      readonly forMs?: number;
      readonly problem?: string;
    }
  /** All faults were undone. */
  | { readonly kind: 'healed'; readonly atMs: number }
  /** An entry of an order's saga log; written when the run is over. */
  | {
      readonly kind: 'entry';
      readonly atMs: number;
      readonly order: string;
      readonly entry: TimelineEntry;
    }
  /** The books, each time that they changed. */
  | { readonly kind: 'stock'; readonly atMs: number; readonly books: readonly SeenBook[] }
  /** The ledger's sums, each time that they changed. */
  | {
      readonly kind: 'money';
      readonly atMs: number;
      readonly capturedCents: number;
      readonly refundedCents: number;
    }
  /** What was judged, and when: `step` counts from 1; the end has none. */
  | {
      readonly kind: 'seen';
      readonly atMs: number;
      readonly moment: Moment;
      readonly step?: number;
      readonly seen: Observations;
    }
  | {
      readonly kind: 'check';
      readonly moment: Moment;
      readonly step?: number;
      readonly check: Check;
    }
  /** The last line. */
  | { readonly kind: 'end'; readonly atMs: number; readonly verdict: Verdict };

/**
 * What of a plan was judged: what is steady before and after, a step, or the end; or, after a step that did not
 * hold, what always holds.
 */
export type Moment = 'steady-before' | 'step' | 'end' | 'abandoned' | 'steady-after';
