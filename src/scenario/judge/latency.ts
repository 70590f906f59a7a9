/** How long orders took, from the click to the answer: percentiles, and what cannot be one. Pure. */
import { formatDuration } from '../../kernel/durations.ts';
import type { Latency } from '../language/expectations.ts';
import { meets, type Amount } from '../language/values.ts';
import { examplesOf, listNames, type Finding } from './check.ts';
import type { Observations, SeenOrder } from './observations.ts';

interface Sample {
  readonly name: string;
  readonly tookMs: number;
}

const SHARES: Readonly<Record<Latency, number>> = {
  'order.p50': 0.5,
  'order.p95': 0.95,
  'order.p99': 0.99,
  'order.max': 1,
};

/**
 * Every order that was placed counts, up to its first `confirmed` or `rejected`; left out are those that the shop
 * refused to take, and those that were cancelled before they had an answer. One without an answer yet, or no order
 * at all: not met.
 */
export function judgeLatency(
  { of, limit }: { readonly of: Latency; readonly limit: Amount },
  seen: Observations,
): Finding {
  const finding = { name: `latency.${of}`, expected: formatLimit(limit) };
  const undecided = seen.orders.filter(isUndecided).map(({ name }) => name);
  const samples = seen.orders.flatMap((order) => sampleOf(order, seen.startedAt));
  const sorted = samples.toSorted((a, b) => a.tookMs - b.tookMs);
  // The nearest rank: always an order that really took so long.
  const at = sorted[Math.max(0, Math.ceil(SHARES[of] * sorted.length) - 1)];
  if (undecided.length > 0) {
    const found = `${undecided.length} without an answer yet: ${listNames(undecided)}`;
    return { ...finding, isMet: false, found, orders: examplesOf(undecided) };
  }
  if (at === undefined) {
    return { ...finding, isMet: false, isVague: true, found: 'no orders', orders: [] };
  }
  const slowest = sorted.toReversed().map(({ name }) => name);
  const count = sorted.length === 1 ? '1 order' : `${sorted.length} orders`;
  return {
    ...finding,
    isMet: meets(at.tookMs, limit),
    found: `${formatDuration(at.tookMs)} (${at.name}, of ${count})`,
    orders: examplesOf(slowest),
  };
}

function sampleOf({ name, detail, placedAtMs }: SeenOrder, startedAt: number): Sample[] {
  const decided = decisionOf(detail);
  if (decided === undefined || placedAtMs === undefined) return [];
  // Two clocks: an answer never comes before its question.
  return [{ name, tookMs: Math.max(0, decided.at - startedAt - placedAtMs) }];
}

function isUndecided({ detail, refusal, placedAtMs }: SeenOrder): boolean {
  if (placedAtMs === undefined || refusal !== undefined) return false;
  return detail?.status !== 'cancelled' && decisionOf(detail) === undefined;
}

function decisionOf(detail: SeenOrder['detail']) {
  return detail?.timeline.find(({ event }) => event === 'confirmed' || event === 'rejected');
}

function formatLimit({ comparison, value }: Amount): string {
  return `${comparison} ${formatDuration(value)}`;
}
