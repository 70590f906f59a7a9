/** Runs as JSON: everything that the text tells, for machines. */
import type { OrderDetail } from '../../contracts/orders.ts';
import type { Check } from '../judge/check.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { Variables } from '../language/variables.ts';
import type { Plan } from '../plan.ts';
import type { Play } from '../play.ts';
import { describeDoing, explainMiss } from './wording.ts';

export interface RunDocument {
  /** The scenario's name. */
  readonly scenario: string;
  /** The name with the values of its matrix and its repeat. */
  readonly title: string;
  readonly file: string;
  readonly verdict: Verdict;
  readonly durationMs: number;
  readonly seed: number;
  readonly variables: Variables;
  readonly cell: Variables;
  readonly checks: readonly Check[];
  readonly faults: ReadonlyArray<{
    readonly at: string;
    readonly does: string;
    readonly fired: number;
    /** Why it did not fire. */
    readonly missed?: string;
    readonly passed: Readonly<Record<string, number>>;
  }>;
  readonly orders: ReadonlyArray<
    { readonly name: string; readonly refusal?: string } & Partial<
      Pick<OrderDetail, 'id' | 'status' | 'reason' | 'timeline'>
    >
  >;
  /** The command that plays it again. */
  readonly again: string;
}

export function documentOfRun(
  { plan, play }: { readonly plan: Plan; readonly play: Play },
  again: string,
): RunDocument {
  return {
    scenario: plan.name,
    title: plan.title,
    file: plan.file,
    verdict: play.verdict,
    durationMs: Math.round(play.durationMs),
    seed: plan.seed,
    variables: plan.variables,
    cell: plan.cell,
    checks: play.checks.map((check) => ({ ...check, atMs: Math.round(check.atMs) })),
    faults: play.faults.map((outcome) => ({
      at: outcome.fault.at,
      does: describeDoing(outcome.fault),
      fired: outcome.fired,
      ...(outcome.fired === 0 && { missed: explainMiss(outcome) }),
      passed: outcome.passed,
    })),
    orders: play.seen.orders.map(({ name, detail, refusal }) => ({
      name,
      ...(refusal !== undefined && { refusal }),
      ...(detail !== undefined && {
        id: detail.id,
        status: detail.status,
        ...(detail.reason !== undefined && { reason: detail.reason }),
        timeline: detail.timeline,
      }),
    })),
    again,
  };
}
