/** Plays scenarios on the running stack, or on an ephemeral one, and reports how they went. */
import path from 'node:path';

import { messageOf, UserError } from '../../kernel/errors.ts';
import { documentOfRun } from '../../scenario/report/document.ts';
import {
  parseReportTargets,
  requireFiles,
  type ReportTarget,
} from '../../scenario/report/report-targets.ts';
import { reportOf, type Reported } from '../../scenario/report/reported-run.ts';
import { explainRun } from '../../scenario/report/text.ts';
import { isPlayed, runScenarios, type RunResult } from '../../scenario/run-scenarios.ts';
import type { CommandContext } from '../context.ts';
import { againCommand, type AgainOptions } from './again.ts';
import { loadValidScenarios, parseVariables, type LoadedScenario } from './load.ts';
import { KEPT_RUNS, Recordings } from './recordings.ts';
import { RunProgress } from './run-progress.ts';
import { SharedSites } from './sites.ts';
import { failureOf, summarize, tallyOf } from './summary.ts';

export interface ScenarioRunOptions extends AgainOptions {
  /** Only scenarios with one of these. */
  readonly tags: readonly string[];
  readonly seed: number | undefined;
  readonly repeat: number | undefined;
  /** Plays at the same time. */
  readonly parallel: number;
  /** Stop at the first that does not pass. */
  readonly failFast: boolean;
  /** As typed: `html=file`. */
  readonly reports: readonly string[];
}

/** What one play of everything came to. */
export interface Round {
  readonly results: readonly RunResult[];
  readonly report: RoundReport;
  /** The same, for files. */
  readonly reported: readonly Reported[];
  /** Everything that a person has to read, the summary at the end. */
  readonly text: string;
}

export interface RoundReport extends Readonly<Record<string, unknown>> {
  readonly stack: 'running' | 'ephemeral';
  readonly durationMs: number;
  readonly summary: ReturnType<typeof tallyOf>;
}

/**
 * @throws UserError `invalid-scenario` before anything starts, `expectation-broken` or `inconclusive`
 * when a run did not pass, what kept a run from being judged, `interrupted` after Ctrl-C (faults are undone).
 */
export async function runScenarioRun(
  options: ScenarioRunOptions,
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  const targets = parseReportTargets(options.reports);
  await requireFiles(targets);
  const loaded = await loadPlayable(options, context);
  using progress = await output.progress();
  await using sites = new SharedSites({ ...options, context, progress });
  const round = await playRound(loaded, { options, context, sites, progress });
  progress.stop();
  const failure = failureOf(round.results, round.report);
  if (failure !== undefined) {
    output.text(`\n${round.text}`);
    // The verdict must not be lost because a disk is full.
    await saveReports(round, targets, context).catch((error) => output.warn(messageOf(error)));
    throw failure;
  }
  await saveReports(round, targets, context).catch((error: unknown) => {
    output.text(round.text);
    throw error;
  });
  output.result(round.report, () => round.text);
  output.hint(await hintAtRecordings(round, context));
}

/** Writes what can be written. @throws UserError `environment` that tells each file that could not be. */
export async function saveReports(
  { reported }: Round,
  targets: readonly ReportTarget[],
  { output }: Pick<CommandContext, 'output'>,
): Promise<void> {
  if (targets.length === 0) return;
  const { writeReports } = await import('../../scenario/report/write-reports.ts');
  const { written, failure } = await writeReports(reported, targets);
  if (written.length > 0) output.note(`Written: ${written.join(', ')}`);
  if (failure !== undefined) throw failure;
}

/** Everything that was asked for and can be played here. @throws UserError `usage` when that is nothing. */
export async function loadPlayable(
  options: ScenarioRunOptions,
  { output }: Pick<CommandContext, 'output'>,
): Promise<readonly LoadedScenario[]> {
  const { names, tags, seed, repeat } = options;
  const variables = parseVariables(options.variables);
  const loaded = await loadValidScenarios({ names, tags, variables, seed, repeat });
  const elsewhere = loaded.filter(({ plan }) => !plan.runsOn.includes('live'));
  for (const name of new Set(elsewhere.map(({ entry }) => entry.name))) {
    output.note(`${name} is left out: it runs only in a simulation (runs-on).`);
  }
  const playable = loaded.filter((each) => !elsewhere.includes(each));
  if (playable.length > 0) return playable;
  throw new UserError('usage', 'None of these scenarios can be played on a live stack', {
    hint: 'See `runs-on` in the file, and `wonderland scenario list`.',
  });
}

export interface Playing {
  readonly options: ScenarioRunOptions;
  readonly context: CommandContext;
  readonly sites: SharedSites;
  readonly progress: Awaited<ReturnType<CommandContext['output']['progress']>>;
}

/** Plays everything once. @throws AbortError when the user stops it; what keeps a stack from being started. */
export async function playRound(
  loaded: readonly LoadedScenario[],
  { options, context, sites, progress }: Playing,
): Promise<Round> {
  const { clock, ids, random, signal, output } = context;
  const startedAt = clock.elapsed();
  const { stateDir } = await context.settings();
  const onProblem = (message: string): void => output.warn(message);
  const recordings = new Recordings({ stateDir, clock, onProblem });
  using view = new RunProgress(context, progress, loaded.length);
  const results = await runScenarios({
    plans: loaded.map(({ plan }) => plan),
    failFast: options.failFast,
    parallel: options.parallel,
    version: context.version(),
    clock,
    ids,
    random,
    signal,
    openSite: (mediators) => sites.open(mediators),
    openSink: (run) => recordings.open(run),
    onBegin: (plan) => view.begin(plan),
    onEnd: (result) => view.end(result),
  });
  await recordings.prune(brokenRuns(results));
  const durationMs = Math.round(clock.elapsed() - startedAt);
  return roundOf(results, { loaded, options, context, recordings, durationMs });
}

interface RoundFacts {
  readonly loaded: readonly LoadedScenario[];
  readonly options: ScenarioRunOptions;
  readonly context: CommandContext;
  readonly recordings: Recordings;
  readonly durationMs: number;
}

function roundOf(results: readonly RunResult[], facts: RoundFacts): Round {
  const { loaded, options, context, recordings, durationMs } = facts;
  const { paint } = context.output;
  const commands = new Map(
    loaded.map((each) => [each.plan, againCommand(each, options, context)] as const),
  );
  const againOf = ({ plan }: RunResult): string => commands.get(plan) ?? '';
  const stack = results.find(isPlayed)?.site ?? 'running';
  const report: RoundReport = {
    stack,
    durationMs,
    summary: tallyOf(results),
    scenarios: results.filter(isPlayed).map((run) => ({
      ...documentOfRun(run, againOf(run)),
      recording: recordings.pathOf(run.run) ?? null,
    })),
    notPlayed: results.flatMap((each) => (isPlayed(each) ? [] : [unplayed(each, againOf(each))])),
  };
  const explained = results.flatMap((each) => {
    const again = againOf(each);
    if (!isPlayed(each)) return [explainUnplayed(each, again, paint)];
    if (each.play.verdict === 'passed') return [];
    const text = explainRun(each, { again, canTrace: each.site === 'running', paint });
    const file = recordings.pathOf(each.run);
    return [file === undefined ? text : `${text}\nIts recording: ${file}`];
  });
  const summary = summarize(results, { durationMs, paint });
  const reported = results.map((each) => {
    const recording = isPlayed(each) ? recordings.pathOf(each.run) : undefined;
    return reportOf(each, { again: againOf(each), recording });
  });
  return { results, report, reported, text: [...explained, summary].join('\n\n') };
}

type Unplayed = Exclude<RunResult, { readonly play: unknown }>;

function unplayed({ plan, error }: Unplayed, again: string) {
  const { code, message, hint = null, details } = error;
  const { name: scenario, title, file, seed, cell } = plan;
  return { scenario, title, file, seed, cell, error: { code, message, hint, details }, again };
}

function explainUnplayed(
  { plan, error }: Unplayed,
  again: string,
  paint: CommandContext['output']['paint'],
): string {
  const heading = `${paint('bad', '✖ not played')}  ${paint('strong', plan.title)}  ${paint('quiet', plan.file)}`;
  const lines = [heading, `  ${error.message}`];
  if (error.hint !== undefined) lines.push(`  ${error.hint}`);
  return [...lines, '', `Run it again:  ${again}`].join('\n');
}

function brokenRuns(results: readonly RunResult[]): readonly string[] {
  return results.flatMap((each) =>
    isPlayed(each) && each.play.verdict !== 'passed' ? [each.run] : [],
  );
}

/** Where to look again. */
async function hintAtRecordings(
  { results, reported }: Round,
  { settings }: Pick<CommandContext, 'settings'>,
): Promise<string> {
  const [only] = reported;
  if (results.length === 1 && only !== undefined && 'recording' in only && only.recording) {
    return `Look at it again: wonderland check ${only.recording}`;
  }
  const { stateDir } = await settings();
  return `The newest ${KEPT_RUNS} runs are recorded in ${path.join(stateDir, 'runs')}; each can be judged again with \`wonderland check\`.`;
}
