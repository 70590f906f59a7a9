/** How many orders may be on their way: fewer while they take too long, as many as were configured when they don't. */

/**
 * Acceptance to confirmation in this time leaves every command answered before it is sent a second time: what
 * queues up for longer makes more work of itself, and would end in timeouts that nobody but us has caused.
 */
const TARGET_MS = 2_000;
/** Enough to keep every part busy: fewer at once would not be faster. */
const LOWEST = 64;
/** For a shop that nobody has tried yet: a burst of hundreds, that even a slow machine carries out within the budget. */
const UNTRIED = 500;
/** The times that are known now belong to orders of a while ago: so step by step. */
const SLOWEST_DESCENT = 0.5;
const ASCENT = 1.25;

export interface LimitFacts {
  /** What it was until now. */
  readonly limit: number;
  /** What was configured. */
  readonly highest: number;
  /** Acceptance to settlement of the orders that were settled since the last look, milliseconds. */
  readonly tookMs: readonly number[];
}

/** The limit of a mediator that has just started. */
export function firstLimit(highest: number): number {
  return Math.min(UNTRIED, highest);
}

/** The limit until the next look. It rises without news too, but not above what was never tried. */
export function nextLimit({ limit, highest, tookMs }: LimitFacts): number {
  if (tookMs.length === 0)
    return Math.max(limit, Math.min(Math.ceil(limit * ASCENT), firstLimit(highest)));
  const typicalMs = median(tookMs);
  const factor = typicalMs > TARGET_MS ? Math.max(SLOWEST_DESCENT, TARGET_MS / typicalMs) : ASCENT;
  const lowest = Math.min(LOWEST, highest);
  return Math.max(lowest, Math.min(highest, Math.ceil(limit * factor)));
}

/** Nearly half of the orders may be slow for reasons of their own. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
