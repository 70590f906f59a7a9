/** Plays a plan on a stage: faults, steps, settling, verdict. The order of things, and nothing of how they are done. */
import { unreachable } from '../kernel/errors.ts';
import { isOver, judge, verdictOf, type FaultOutcome, type Verdict } from './judge/verdict.ts';
import type { Check } from './judge/check.ts';
import { judgeClaim } from './judge/claims.ts';
import type { Observations } from './judge/observations.ts';
import type { Claim, Plan, PlannedStep } from './plan.ts';
import type { Stage } from './stage.ts';

/** What a run came to. */
export interface Play {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  readonly faults: readonly FaultOutcome[];
  /** What was seen last. */
  readonly seen: Observations;
  readonly durationMs: number;
}

/** After all orders have ended, what does not hold yet gets this long: mails and records may still be on their way. */
const GRACE_MS = 1_000;
/** Longest wait for news before looking again. */
const LOOK_AGAIN_MS = 25;

/**
 * Plays once. Faults are gone when it returns or throws.
 * @throws AbortError when the signal aborts.
 */
export async function play(plan: Plan, stage: Stage, signal: AbortSignal): Promise<Play> {
  try {
    await stage.arm();
    const { checks, seen } = await perform(plan, stage, signal);
    const faults = await stage.disarm();
    return {
      verdict: verdictOf(checks, faults),
      checks,
      faults,
      seen,
      durationMs: stage.elapsed(),
    };
  } catch (error) {
    // What broke the run is what the user must hear of; faults that can't be cleared end with their lease.
    await stage.disarm().catch(() => undefined);
    throw error;
  }
}

interface Judged {
  readonly checks: readonly Check[];
  readonly seen: Observations;
}

/** Steps in order, then the end. A step that does not hold ends the run: what follows builds on it. */
async function perform(plan: Plan, stage: Stage, signal: AbortSignal): Promise<Judged> {
  const passed: Check[] = [];
  for (const [index, step] of plan.steps.entries()) {
    signal.throwIfAborted();
    const judged = await takeStep(step, stage, signal);
    const checks = judged?.checks.map((check) => inStep(index, step, check)) ?? [];
    passed.push(...checks);
    if (judged !== undefined && !allMet(checks)) return { checks: passed, seen: judged.seen };
  }
  const { checks, seen } = await settle(plan, stage, signal);
  return { checks: [...passed, ...checks], seen };
}

async function takeStep(
  step: PlannedStep,
  stage: Stage,
  signal: AbortSignal,
): Promise<Judged | undefined> {
  switch (step.does) {
    case 'place':
      await inLanes(step.orders, step.parallel, async (order) => {
        signal.throwIfAborted();
        await stage.place(order, step.awaitsDecision);
      });
      return undefined;
    case 'cancel':
      await stage.cancel(step.order);
      return undefined;
    case 'expect':
      return judgeClaims(step.claims, await stage.observe());
    case 'until':
      return until(step, stage, signal);
    default:
      return unreachable(step, 'a step');
  }
}

async function until(
  { claims, withinMs }: PlannedStep & { does: 'until' },
  stage: Stage,
  signal: AbortSignal,
): Promise<Judged> {
  const deadline = stage.elapsed() + withinMs;
  for (;;) {
    signal.throwIfAborted();
    const judged = judgeClaims(claims, await stage.observe());
    if (allMet(judged.checks) || stage.elapsed() >= deadline) return judged;
    await stage.waitForNews(Math.min(LOOK_AGAIN_MS, deadline - stage.elapsed()));
  }
}

/** Waits until everything holds, but no longer than it can still come to hold. */
async function settle(plan: Plan, stage: Stage, signal: AbortSignal): Promise<Judged> {
  let deadline = stage.elapsed() + plan.settleMs;
  await stage.waitForEnd(plan.settleMs);
  for (let isLast = false; ;) {
    signal.throwIfAborted();
    const seen = await stage.observe();
    const checks = judge(plan, seen);
    if (allMet(checks) || stage.elapsed() >= deadline) return { checks, seen };
    if (isOver(seen) && !isLast) {
      isLast = true;
      deadline = Math.min(deadline, stage.elapsed() + GRACE_MS);
    }
    await stage.waitForNews(Math.min(LOOK_AGAIN_MS, deadline - stage.elapsed()));
  }
}

function judgeClaims(claims: readonly Claim[], seen: Observations): Judged {
  return { checks: claims.map((claim) => judgeClaim(claim, seen)), seen };
}

function inStep(index: number, step: PlannedStep, check: Check): Check {
  const limit = step.does === 'until' ? ` within ${step.withinMs} ms` : '';
  return {
    ...check,
    name: `step ${index + 1}: ${check.name}`,
    expected: `${check.expected}${limit}`,
  };
}

function allMet(checks: readonly Check[]): boolean {
  return checks.every(({ isMet }) => isMet);
}

/** Works on all items, `lanes` of them at a time, in order of the list. */
async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
