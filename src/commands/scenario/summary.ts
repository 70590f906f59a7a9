/** What many runs came to, for somebody who sees this for the first time; and with what the command ends. */
import { formatDuration } from '../../kernel/durations.ts';
import { BugError, UserError, type WonderlandError } from '../../kernel/errors.ts';
import type { Verdict } from '../../scenario/judge/verdict.ts';
import { isPlayed, type RunResult, type ScenarioRun } from '../../scenario/run-scenarios.ts';
import { plural } from '../../scenario/report/wording.ts';
import type { Paint } from '../palette.ts';

export interface Tally extends Readonly<Record<Verdict, number>> {
  /** Something kept them from being judged. */
  readonly notPlayed: number;
}

export function tallyOf(results: readonly RunResult[]): Tally {
  const count = (verdict: Verdict): number =>
    results.filter((each) => isPlayed(each) && each.play.verdict === verdict).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    inconclusive: count('inconclusive'),
    notPlayed: results.filter((each) => !isPlayed(each)).length,
  };
}

export interface SummaryOptions {
  readonly durationMs: number;
  readonly paint: Paint;
}

/** The last words of `scenario run`. */
export function summarize(results: readonly RunResult[], options: SummaryOptions): string {
  const { durationMs, paint } = options;
  const tally = tallyOf(results);
  const runs = results.filter(isPlayed);
  const took = formatDuration(durationMs);
  if (results.length === tally.passed) {
    const verb = results.length === 1 ? 'Passed' : 'All passed';
    return `${paint('good', '✔')} ${verb}: ${whatOf(results)} in ${took}. ${proof(runs)}`;
  }
  const lines: ReadonlyArray<readonly [number, string]> = [
    [tally.passed, `${paint('good', '✔')} ${tally.passed} passed: everything held that must hold`],
    [tally.failed, `${paint('bad', '✖')} ${tally.failed} failed: something that must hold did not`],
    [
      tally.inconclusive,
      `${paint('warning', '!')} ${tally.inconclusive} inconclusive: a fault never fired or nothing could be judged, so nothing is proven`,
    ],
    [
      tally.notPlayed,
      `${paint('bad', '✖')} ${tally.notPlayed} not played: something else kept ${tally.notPlayed === 1 ? 'it' : 'them'} from being judged`,
    ],
  ];
  const shown = lines.filter(([count]) => count > 0).map(([, line]) => `  ${line}`);
  return [`${whatOf(results)} in ${took}:`, ...shown].join('\n');
}

/** `24 runs of 12 scenarios`, `7 scenarios`. */
function whatOf(results: readonly RunResult[]): string {
  const scenarios = plural(new Set(results.map(({ plan }) => plan.file)).size, 'scenario');
  const isEach = new Set(results.map(({ plan }) => plan.file)).size === results.length;
  return isEach ? scenarios : `${plural(results.length, 'run')} of ${scenarios}`;
}

/** Why a pass means something. */
function proof(runs: readonly ScenarioRun[]): string {
  const checks = runs.reduce((sum, { play }) => sum + play.checks.length, 0);
  const faults = runs.reduce((sum, { play }) => sum + play.faults.length, 0);
  const held = `${plural(checks, 'check')} held`;
  if (faults === 0) return `${held}.`;
  const were = faults === 1 ? 'the fault was' : `all ${faults} faults were`;
  return `${held}; ${were} proven to have fired, and undone.`;
}

/**
 * What the command ends with: a failure weighs most, then what kept a run from being judged, then a run that
 * proves nothing. Undefined when all passed.
 */
export function failureOf(
  results: readonly RunResult[],
  details: Readonly<Record<string, unknown>>,
): WonderlandError | undefined {
  const of = (verdict: Verdict): string[] =>
    results
      .filter((each) => isPlayed(each) && each.play.verdict === verdict)
      .map(({ plan }) => plan.title);
  const failed = of('failed');
  if (failed.length > 0) {
    return new UserError('expectation-broken', `Failed: ${listed(failed)}`, { details });
  }
  const unplayed = results.flatMap((each) => (isPlayed(each) ? [] : [each]));
  const [first] = unplayed;
  if (first !== undefined) return unplayedError(first, unplayed.length, details);
  const vague = of('inconclusive');
  if (vague.length === 0) return undefined;
  return new UserError('inconclusive', `Inconclusive, nothing is proven: ${listed(vague)}`, {
    hint: 'The report says which fault never fired, and what did come; or which check had nothing to judge.',
    details,
  });
}

function unplayedError(
  { plan, error }: { readonly plan: RunResult['plan']; readonly error: WonderlandError },
  count: number,
  details: Readonly<Record<string, unknown>>,
): WonderlandError {
  if (error instanceof BugError) return error;
  const what =
    count === 1 ? error.message : `${count} runs were not played. ${plan.title}: ${error.message}`;
  return new UserError(error.code, what, {
    ...(error.hint !== undefined && { hint: error.hint }),
    details: { ...error.details, ...details },
    cause: error,
  });
}

const LISTED = 5;

function listed(names: readonly string[]): string {
  const more = names.length - LISTED;
  const shown = names.slice(0, LISTED).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}
