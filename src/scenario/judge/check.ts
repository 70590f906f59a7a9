/** One thing that had to hold, and whether it did. */

export interface Check {
  /** `order.o1`, `paid.total`, `never.o1`; invariants by their name. */
  readonly name: string;
  readonly kind: 'expectation' | 'invariant';
  readonly isMet: boolean;
  /** What had to be, for people. */
  readonly expected: string;
  /** What was, for people. */
  readonly found: string;
  /** Milliseconds since the run began: when it went wrong if that is known, else when it was looked at. */
  readonly atMs: number;
  /** Names of the orders whose trail explains it. */
  readonly orders: readonly string[];
  /** There was nothing to judge: neither met nor broken, so that nothing is proven. */
  readonly isVague?: true;
}

/** A check on its way: its kind is known by who asks, its time is the look's unless it is known better. */
export type Finding = Omit<Check, 'kind' | 'atMs'> & { readonly atMs?: number };

/** More orders than this do not explain better. */
const EXAMPLES = 3;

/** `o1, o2, o3 and 46 more`. */
export function listNames(names: readonly string[]): string {
  const more = names.length - EXAMPLES;
  const shown = names.slice(0, EXAMPLES).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** The few of many that a report shows. */
export function examplesOf<T>(all: readonly T[]): readonly T[] {
  return all.slice(0, EXAMPLES);
}
