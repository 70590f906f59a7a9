/** Runs as a newcomer reads them: one line when all is well, the way to the cause when it is not. */
import { formatDuration } from '../../kernel/durations.ts';
import type { Check } from '../judge/check.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { ScenarioRun } from '../run-scenarios.ts';
import { trailOf } from './trail.ts';
import { describeFault, explainMiss, plural } from './wording.ts';

/** Paints a text by its meaning; without colour it is the text itself. */
export type Paint = (tone: 'good' | 'bad' | 'warning' | 'quiet' | 'strong', text: string) => string;

/** Trails of more orders than this do not explain better. */
const MAX_TRAILS = 3;

/** `payment-failure  9 checks, 7 invariants, 1 fault fired  210 ms`. */
export function runLine({ plan, play }: ScenarioRun): string {
  const { checks, faults, durationMs, verdict } = play;
  const broken = checks.filter(({ isMet }) => !isMet).length;
  const of = (kind: Check['kind']): number => checks.filter((each) => each.kind === kind).length;
  const all = [
    plural(of('expectation'), 'check'),
    plural(of('invariant'), 'invariant'),
    ...(faults.length === 0 ? [] : [`${plural(faults.length, 'fault')} fired`]),
  ].join(', ');
  const outcome: Record<Verdict, string> = {
    passed: all,
    failed: `FAILED: ${broken} of ${plural(checks.length, 'check')} broken`,
    inconclusive: 'INCONCLUSIVE: a fault never fired',
  };
  return `${plan.title}  ${outcome[verdict]}  (${formatDuration(durationMs)})`;
}

export interface Explanation {
  /** The command that plays the scenario again. */
  readonly again: string;
  /** The stack stays up: its traces can be looked at. */
  readonly canTrace: boolean;
  readonly paint: Paint;
}

/** Everything that explains why a run did not pass, and how to see it again. */
export function explainRun(
  { plan, play }: ScenarioRun,
  { again, canTrace, paint }: Explanation,
): string {
  const broken = play.checks.filter(({ isMet }) => !isMet);
  const orders = [...new Set(broken.flatMap((check) => check.orders))].slice(0, MAX_TRAILS);
  const title =
    play.verdict === 'failed' ? paint('bad', '✖ failed') : paint('warning', '! inconclusive');
  const heading = `${title}  ${paint('strong', plan.title)}  ${paint('quiet', plan.file)}`;
  return [
    block([heading, ...faultLines(play, paint)]),
    ...broken.map((check) => block(checkLines(check, paint))),
    ...orders.map((name) => block(trailOf(play.seen, name))),
    [...(canTrace ? traceLines(play, orders) : []), `Run it again:  ${again}`].join('\n'),
  ].join('\n\n');
}

/** A heading with its lines below it. */
function block([heading = '', ...lines]: readonly string[]): string {
  return [heading, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** The order whose messages are worth a look first. */
function traceLines({ seen }: ScenarioRun['play'], orders: readonly string[]): string[] {
  const order = seen.orders.find(({ name, detail }) => detail && orders.includes(name));
  return order?.detail === undefined ? [] : [`Its messages:  wonderland trace ${order.detail.id}`];
}

function faultLines({ faults }: ScenarioRun['play'], paint: Paint): string[] {
  return faults.map((outcome) => {
    const what = `fault ${describeFault(outcome.fault)}`;
    if (outcome.fired > 0) return paint('quiet', `${what}: fired ${outcome.fired}×`);
    return paint('warning', `${what}: never fired, because ${explainMiss(outcome)}`);
  });
}

function checkLines({ name, kind, expected, found, atMs }: Check, paint: Paint): string[] {
  const what = kind === 'invariant' ? `invariant ${name}` : name;
  return [
    `${paint('bad', '✖')} ${paint('strong', what)}`,
    `expected  ${expected}`,
    `found     ${found}`,
    `when      ${formatDuration(Math.max(0, atMs))} after the start`,
  ];
}

/** The last line of several runs. */
export function summaryLine(runs: readonly ScenarioRun[], durationMs: number): string {
  const count = (verdict: Verdict): number =>
    runs.filter(({ play }) => play.verdict === verdict).length;
  const parts = [
    `${count('passed')} passed`,
    ...(count('failed') > 0 ? [`${count('failed')} failed`] : []),
    ...(count('inconclusive') > 0 ? [`${count('inconclusive')} inconclusive`] : []),
  ];
  return `${plural(runs.length, 'scenario')}: ${parts.join(', ')} in ${formatDuration(durationMs)}`;
}
