/** What a run means: passed, failed, or nothing that can be said. */
import type { Plan } from '../plan.ts';
import type { PlannedFault } from '../plan/faults.ts';
import type { Check } from './check.ts';
import { judgeClaim } from './claims.ts';
import { judgeInvariants } from './invariants.ts';
import type { Observations } from './observations.ts';

/** What became of one fault. */
export interface FaultOutcome {
  readonly fault: PlannedFault;
  readonly fired: number;
  /** Messages of the run that the part did handle, by contract name: the near misses. */
  readonly passed: Readonly<Record<string, number>>;
  /** Why it could not be carried out, though its place was reached. */
  readonly problem?: string;
}

export type Verdict = 'passed' | 'failed' | 'inconclusive';

/** All that must hold at the end: what the scenario expects, and what always holds. */
export function judge(plan: Plan, seen: Observations): Check[] {
  return [...plan.claims.map((claim) => judgeClaim(claim, seen)), ...judgeInvariants(plan, seen)];
}

/** Nothing of the run goes on, and no fault holds a message back: whatever does not hold now never will. */
export function isOver({ atMs, orders, messages }: Observations): boolean {
  return (
    orders.every(({ detail, refusal }) => refusal !== undefined || detail?.open === false) &&
    messages.lost.every(({ heldUntilMs = 0 }) => heldUntilMs <= atMs)
  );
}

/**
 * A broken invariant is always a failure. A broken expectation is one only when every fault fired and there
 * was something to judge: else the scenario did not do what it was written for, whether its checks hold or not.
 */
export function verdictOf(checks: readonly Check[], faults: readonly FaultOutcome[]): Verdict {
  const broken = checks.filter(({ isMet }) => !isMet);
  const proven = broken.filter(({ isVague }) => isVague !== true);
  if (proven.some(({ kind }) => kind === 'invariant')) return 'failed';
  if (faults.some(({ fired }) => fired === 0)) return 'inconclusive';
  if (proven.length > 0) return 'failed';
  return broken.length > 0 ? 'inconclusive' : 'passed';
}

/** The outcomes of faults that a run came to before it was abandoned at a step: the others prove nothing. */
export function armedBefore(
  { steps }: Pick<Plan, 'steps'>,
  step: number | undefined,
  outcomes: readonly FaultOutcome[],
): readonly FaultOutcome[] {
  if (step === undefined) return outcomes;
  const later = new Set(
    steps.slice(step).flatMap((each) => (each.does === 'fault' ? [each.fault.id] : [])),
  );
  return outcomes.filter(({ fault }) => !later.has(fault.id));
}
