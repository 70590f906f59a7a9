/** Judges one moment of a run by its plan: the same whether it is played now or read from a recording. Pure. */
import type { Plan, PlannedStep } from '../plan.ts';
import type { Moment } from '../recording/lines.ts';
import type { Check } from './check.ts';
import { judgeClaim } from './claims.ts';
import { judgeInvariants } from './invariants.ts';
import type { Observations } from './observations.ts';
import { SOURCES, sourcesOf, type Source } from './sources.ts';
import { judge } from './verdict.ts';

export interface Judged {
  readonly checks: readonly Check[];
  readonly seen: Observations;
}

export interface SeenMoment {
  readonly moment: Moment;
  /** Of the plan, from 1. */
  readonly step?: number | undefined;
  readonly seen: Observations;
}

/** The parts that must be asked to judge a moment; all of them at the end. */
export function sourcesAt(
  plan: Plan,
  { moment, step }: Omit<SeenMoment, 'seen'>,
): readonly Source[] {
  if (moment === 'end' || moment === 'abandoned') return SOURCES;
  const taken = moment === 'step' ? plan.steps[(step ?? 0) - 1] : undefined;
  if (taken !== undefined) return sourcesOf('claims' in taken ? taken.claims : []);
  return sourcesOf(plan.steady ?? []);
}

/** Everything that must hold at this moment. */
export function judgeMoment(plan: Plan, { moment, step, seen }: SeenMoment): Check[] {
  if (moment === 'end') return judge(plan, seen);
  if (moment === 'abandoned') return judgeInvariants(plan, seen);
  if (moment === 'step') {
    const index = (step ?? 0) - 1;
    const taken = plan.steps[index];
    if (taken === undefined || !('claims' in taken)) return [];
    return taken.claims.map((claim) => inStep(index, taken, judgeClaim(claim, seen)));
  }
  const when = moment === 'steady-before' ? 'before' : 'after';
  return (plan.steady ?? []).map((claim) => {
    const check = judgeClaim(claim, seen);
    return { ...check, name: `steady ${when}: ${check.name}` };
  });
}

export function isMet({ checks }: Pick<Judged, 'checks'>): boolean {
  return checks.every((check) => check.isMet);
}

function inStep(index: number, step: PlannedStep, check: Check): Check {
  const limit = step.does === 'until' ? ` within ${step.withinMs} ms` : '';
  return {
    ...check,
    name: `step ${index + 1}: ${check.name}`,
    expected: `${check.expected}${limit}`,
  };
}
