/** Runs as JSON: everything that the text tells, for machines. */
import type { OrderDetail } from '../../contracts/orders.ts';
import type { Check } from '../judge/check.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { Variables } from '../language/variables.ts';
import type { ScenarioRun } from '../run-scenarios.ts';

export interface RunDocument {
  readonly scenario: string;
  readonly file: string;
  readonly verdict: Verdict;
  readonly durationMs: number;
  readonly variables: Variables;
  readonly checks: readonly Check[];
  readonly faults: ReadonlyArray<{
    readonly at: string;
    readonly verb: string;
    readonly fired: number;
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

export function documentOfRun({ plan, play }: ScenarioRun, again: string): RunDocument {
  return {
    scenario: plan.name,
    file: plan.file,
    verdict: play.verdict,
    durationMs: Math.round(play.durationMs),
    variables: plan.variables,
    checks: play.checks.map((check) => ({ ...check, atMs: Math.round(check.atMs) })),
    faults: play.faults.map(({ fault, fired, passed }) => ({
      at: fault.at,
      verb: fault.action.verb,
      fired,
      passed,
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
