/** Runs as JUnit XML, for every continuous-integration server: a suite for each scenario, a case for each run. */
import type { Check } from '../judge/check.ts';
import { groupBy } from './group-by.ts';
import { html, type Markup } from './html/markup.ts';
import { isJudged, startedAt, type Reported, type ReportedRun } from './reported-run.ts';
import { explainRun } from './text.ts';
import { describeFault, explainMiss } from './wording.ts';

/** A run that proves nothing is an error, never a pass and never skipped: nobody may overlook it. */
export function junitOf(runs: readonly Reported[]): string {
  const suites = [...groupBy(runs, ({ plan }) => plan.file).values()];
  const document = html`<testsuites name="wonderland scenarios" ${counts(runs)}>
    ${suites.map(suite)}</testsuites
  > `;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${document.text}`;
}

function suite(runs: readonly Reported[]): Markup {
  const [first] = runs;
  const began = first !== undefined && isJudged(first) ? startedAt(first) : undefined;
  const timestamp =
    began !== undefined && html` timestamp="${new Date(began).toISOString().slice(0, 19)}"`;
  return html`
    <testsuite name="${first?.plan.name ?? ''}" ${counts(runs)}${timestamp}>
      ${runs.map((run) => testCase(run))}
    </testsuite>
  `;
}

function counts(runs: readonly Reported[]): Markup {
  const played = runs.filter(isJudged);
  const failures = played.filter(({ play }) => play.verdict === 'failed').length;
  const vague = played.filter(({ play }) => play.verdict === 'inconclusive').length;
  const errors = vague + runs.length - played.length;
  const total = played.reduce((sum, { play }) => sum + play.durationMs, 0);
  return html`tests="${runs.length}" failures="${failures}" errors="${errors}" skipped="0"
  time="${seconds(total)}"`;
}

function testCase(reported: Reported): Markup {
  const { plan } = reported;
  const time = isJudged(reported) ? reported.play.durationMs : 0;
  return html`
    <testcase classname="${plan.name}" name="${plan.title}" time="${seconds(time)}">
      ${isJudged(reported) ? outcome(reported) : unplayed(reported)}
    </testcase>
  `;
}

function unplayed({ error, again }: Exclude<Reported, ReportedRun>): Markup {
  const text = [error.message, error.hint, `Run it again: ${again}`].filter(Boolean).join('\n');
  return html` <error type="${error.code}" message="${error.message}">${text}</error> `;
}

function outcome(run: ReportedRun): Markup {
  const { play, again } = run;
  const broken = play.checks.filter(({ isMet }) => !isMet);
  const text =
    play.verdict === 'passed'
      ? undefined
      : explainRun(run, { again, canTrace: false, paint: (_tone, words) => words });
  const checks = html` <system-out>${play.checks.map(checkLine).join('\n')}</system-out> `;
  if (play.verdict === 'passed') return checks;
  if (play.verdict === 'inconclusive') {
    return html` <error type="inconclusive" message="${whyVague(run)}">${text}</error>
      ${checks}`;
  }
  return html`${broken.map((check, index) => failure(check, index === 0 ? text : undefined))}${checks}`;
}

/** The whole story stands with the first of them. */
function failure({ name, kind, expected, found }: Check, text: string | undefined): Markup {
  const message = `${name}: expected ${expected}, found ${found}`;
  return html` <failure type="${kind}" message="${message}">${text ?? message}</failure> `;
}

function whyVague({ play }: ReportedRun): string {
  const missed = play.faults.filter(({ fired }) => fired === 0);
  if (missed.length > 0) {
    return missed
      .map((each) => `${describeFault(each.fault)}: never fired, because ${explainMiss(each)}`)
      .join('; ');
  }
  const vague = play.checks.filter(({ isMet }) => !isMet).map(({ name }) => name);
  return `nothing to judge: ${vague.join(', ')}`;
}

function checkLine({ name, isMet, expected, found }: Check): string {
  return `${isMet ? 'held' : 'BROKEN'}  ${name}: expected ${expected}, found ${found}`;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}
