/** Plays scenarios on the running stack, or on an ephemeral one, and reports how they went. */
import { formatDuration } from '../../kernel/durations.ts';
import { UserError } from '../../kernel/errors.ts';
import { openSite, type Site } from '../../scenario/live/site.ts';
import { documentOfRun, type RunDocument } from '../../scenario/report/document.ts';
import { explainRun, runLine, summaryLine } from '../../scenario/report/text.ts';
import { runScenarios, type ScenarioRun } from '../../scenario/run-scenarios.ts';
import type { CommandContext } from '../context.ts';
import type { Mark, Progress } from '../progress.ts';
import { loadValidScenarios, parseVariables, type LoadedScenario } from './load.ts';
import { againCommand, type AgainOptions } from './again.ts';

export interface ScenarioRunOptions extends AgainOptions {
  /** Stop at the first that does not pass. */
  readonly failFast: boolean;
}

const MARKS = {
  passed: 'done',
  failed: 'failed',
  inconclusive: 'warning',
} as const satisfies Record<ScenarioRun['play']['verdict'], Mark>;

/**
 * @throws UserError `invalid-scenario` before anything starts, `expectation-broken` or `inconclusive`
 * when a run did not pass, `interrupted` after Ctrl-C (faults are cleared).
 */
export async function runScenarioRun(
  options: ScenarioRunOptions,
  context: CommandContext,
): Promise<void> {
  const { output, clock } = context;
  const overrides = parseVariables(options.variables);
  const loaded = await loadValidScenarios(options.names, overrides);
  const startedAt = clock.elapsed();
  const { runs, site } = await playAll(loaded, options, context);
  const again = new Map(loaded.map((each) => [each.plan, againCommand(each, options, context)]));
  const againOf = (run: ScenarioRun): string => again.get(run.plan) ?? '';
  const report = {
    stack: site.kind,
    durationMs: Math.round(clock.elapsed() - startedAt),
    scenarios: runs.map((run) => documentOfRun(run, againOf(run))),
  };
  const broken = runs.filter(({ play }) => play.verdict !== 'passed');
  const details = broken.map((run) => {
    const canTrace = site.kind === 'running';
    return explainRun(run, { again: againOf(run), canTrace, paint: output.paint });
  });
  const summary = summaryLine(runs, report.durationMs);
  if (broken.length > 0) {
    output.text(`\n${[...details, summary].join('\n\n')}`);
    throw failureOf(runs, report);
  }
  output.result(report, () => summary);
}

async function playAll(
  loaded: readonly LoadedScenario[],
  options: ScenarioRunOptions,
  context: CommandContext,
): Promise<{ runs: readonly ScenarioRun[]; site: Site }> {
  const { clock, ids, random, signal, output } = context;
  const plans = loaded.map(({ plan }) => plan);
  using progress = await output.progress();
  const startedAt = clock.elapsed();
  await using site = await openSite({
    settings: await context.settings(),
    isNamed: context.globals.stack !== undefined,
    isolated: options.isolated,
    engine: options.engine,
    clock,
    ids,
    signal,
    onStarting: ({ parts }) => {
      const ready = parts.filter(({ state }) => state === 'ready').length;
      progress.update(`starting a stack for the run: ${ready} of ${parts.length} parts ready`);
    },
  });
  if (site.kind === 'ephemeral') announce(progress, clock.elapsed() - startedAt);
  const runs = await runScenarios({
    plans,
    address: site.address,
    failFast: options.failFast,
    clock,
    ids,
    random,
    signal,
    onBegin: (plan) => progress.update(plan.name),
    onEnd: (run) => progress.step(MARKS[run.play.verdict], runLine(run)),
  });
  return { runs, site };
}

function announce(progress: Progress, durationMs: number): void {
  const took = formatDuration(durationMs);
  progress.step('info', `a stack of its own was started for this run in ${took}`);
}

/** The worst verdict decides: a failure weighs more than a run that proves nothing. */
function failureOf(
  runs: readonly ScenarioRun[],
  report: { readonly scenarios: readonly RunDocument[] },
): UserError {
  const of = (verdict: string): string[] =>
    runs.filter(({ play }) => play.verdict === verdict).map(({ plan }) => plan.name);
  const failed = of('failed');
  if (failed.length > 0) {
    return new UserError('expectation-broken', `Failed: ${failed.join(', ')}`, { details: report });
  }
  const vague = of('inconclusive').join(', ');
  return new UserError('inconclusive', `Inconclusive, because a fault never fired: ${vague}`, {
    hint: 'Correct `at` or `nth` of the fault: the report names the messages that did come.',
    details: report,
  });
}
