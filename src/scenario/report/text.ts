/** Runs as a newcomer reads them: one line when all is well, the way to the cause when it is not. */
import { formatDuration } from '../../kernel/durations.ts';
import type { Check } from '../judge/check.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { ScenarioRun } from '../run-scenarios.ts';
import type { Paint } from './paint.ts';
import { messageTrail } from './message-trail.ts';
import { Stories } from './story/tell.ts';
import { headingOf, trailOf } from './trail.ts';
import { describeFault, explainMiss, plural } from './wording.ts';

/** What one run may take of a terminal: more does not explain better. */
const MAX_TRAILS = 2;
const MAX_TRAIL_LINES = 16;
const MAX_CHECKS = 3;
const MAX_FAULTS = 5;

/** `payment-failure  9 checks, 7 invariants, 1 fault fired  210 ms`. */
export function runLine({ plan, play }: Pick<ScenarioRun, 'plan' | 'play'>): string {
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
    inconclusive: faults.some(({ fired }) => fired === 0)
      ? 'INCONCLUSIVE: a fault never fired'
      : 'INCONCLUSIVE: there was nothing to judge',
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

/** All that is explained: what was played a moment ago, or read from a recording. */
export type Explained = Pick<ScenarioRun, 'plan' | 'play' | 'lines'>;

/** Everything that explains why a run did not pass, and how to see it again; about forty lines at most. */
export function explainRun(run: Explained, { again, canTrace, paint }: Explanation): string {
  const { plan, play } = run;
  const broken = play.checks.filter(({ isMet }) => !isMet);
  const orders = [...new Set(broken.flatMap((check) => check.orders))];
  const title =
    play.verdict === 'failed' ? paint('bad', '✖ failed') : paint('warning', '! inconclusive');
  const heading = `${title}  ${paint('strong', plan.title)}  ${paint('quiet', plan.file)}`;
  return [
    block([heading, ...faultLines(play, paint), ...foreignFaults(run, paint)]),
    ...broken.slice(0, MAX_CHECKS).map((check) => block(checkLines(check, paint))),
    ...moreChecks(broken.slice(MAX_CHECKS)),
    ...trails(run, orders.slice(0, MAX_TRAILS), paint),
    [...(canTrace ? traceLines(play, orders) : []), `Run it again:  ${again}`].join('\n'),
  ].join('\n\n');
}

/** A fault that somebody set by hand hits every order: the scenario is not to blame. */
function foreignFaults({ lines }: Explained, paint: Paint): string[] {
  const run = lines.find((line) => line.kind === 'run')?.run ?? '';
  const foreign = lines.some(
    (line) =>
      line.kind === 'passage' && line.what === 'fault' && !line.faultId.startsWith(`${run}/`),
  );
  const text = 'a fault that was set by hand struck as well: wonderland fault list, fault clear';
  return foreign ? [paint('warning', text)] : [];
}

/** A heading with its lines below it. */
function block([heading = '', ...lines]: readonly string[]): string {
  return [heading, ...lines.map((line) => `  ${line}`)].join('\n');
}

function moreChecks(left: readonly Check[]): string[] {
  if (left.length === 0) return [];
  return [`Broken as well: ${left.map(({ name }) => name).join(', ')}`];
}

/** The ways of the orders that explain it, which share the lines there are. */
function trails({ plan, play, lines }: Explained, orders: readonly string[], paint: Paint) {
  const stories = new Stories({ plan, lines });
  return orders.map((name) => {
    const story = stories.of(name);
    const limit = Math.floor(MAX_TRAIL_LINES / orders.length);
    if (story.scenes.length === 0) return block(trailOf(play.seen, name));
    return block([headingOf(play.seen, name), ...messageTrail(story, { limit, paint })]);
  });
}

/** The order whose messages are worth a look first. */
function traceLines({ seen }: ScenarioRun['play'], orders: readonly string[]): string[] {
  const order = seen.orders.find(({ name, detail }) => detail && orders.includes(name));
  return order?.detail === undefined ? [] : [`Its messages:  wonderland trace ${order.detail.id}`];
}

function faultLines({ faults }: ScenarioRun['play'], paint: Paint): string[] {
  const missed = faults.filter(({ fired }) => fired === 0);
  const hit = faults.filter(({ fired }) => fired > 0);
  const shown = [...missed, ...hit].slice(0, MAX_FAULTS);
  const more = faults.length - shown.length;
  const lines = shown.map((outcome) => {
    const what = `fault ${describeFault(outcome.fault)}`;
    if (outcome.fired > 0) return paint('quiet', `${what}: fired ${outcome.fired}×`);
    return paint('warning', `${what}: never fired, because ${explainMiss(outcome)}`);
  });
  return more === 0 ? lines : [...lines, paint('quiet', `and ${plural(more, 'fault')} more`)];
}

function checkLines({ name, kind, expected, found, atMs, isVague }: Check, paint: Paint): string[] {
  const what = kind === 'invariant' ? `invariant ${name}` : name;
  const mark = isVague === true ? paint('warning', '?') : paint('bad', '✖');
  return [
    `${mark} ${paint('strong', what)}`,
    `expected  ${expected}`,
    `found     ${found}`,
    `when      ${formatDuration(Math.max(0, atMs))} after the start`,
  ];
}
