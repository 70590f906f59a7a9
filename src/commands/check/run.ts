/** Judges recordings again and says what `scenario run` would say. */
import { UserError } from '../../kernel/errors.ts';
import { documentOfRun } from '../../scenario/report/document.ts';
import { againOf } from '../../scenario/report/again.ts';
import { parseReportTargets, requireFiles } from '../../scenario/report/report-targets.ts';
import { reportOfRecording, type ReportedRun } from '../../scenario/report/reported-run.ts';
import { explainRun, runLine } from '../../scenario/report/text.ts';
import { writeReports } from '../../scenario/report/write-reports.ts';
import { linesOf } from '../../scenario/recording/recording.ts';
import { readRecording } from '../../scenario/recording/read.ts';
import type { CommandContext } from '../context.ts';

export interface CheckOptions {
  /** Recordings. */
  readonly files: readonly string[];
  /** As typed: `html=file`. */
  readonly reports: readonly string[];
}

/**
 * @throws UserError `invalid-recording` for a file that is none, `expectation-broken` or `inconclusive` as
 * `scenario run` does, `usage` and `environment` for reports that cannot be written.
 */
export async function runCheck(
  { files, reports }: CheckOptions,
  { output }: Pick<CommandContext, 'output'>,
): Promise<void> {
  const targets = parseReportTargets(reports);
  await requireFiles(targets);
  const runs: ReportedRun[] = [];
  for (const file of files) {
    const recording = await readRecording(file);
    runs.push(reportOfRecording(recording, { again: againOf(recording.plan), recording: file }));
  }
  const { written, failure: unwritten } = await writeReports(runs, targets);
  if (written.length > 0) output.note(`Written: ${written.join(', ')}`);
  for (const note of runs.flatMap((run) => run.notes)) output.warn(note);
  const result = { scenarios: runs.map(documentOf) };
  const text = runs.map((run) => textOf(run, output)).join('\n\n');
  const failure = failureOf(runs, result);
  if (failure === undefined && unwritten === undefined) return output.result(result, () => text);
  output.text(text);
  // The verdict weighs more than a full disk.
  if (failure !== undefined && unwritten !== undefined) output.warn(unwritten.message);
  throw failure ?? unwritten;
}

function documentOf(run: ReportedRun) {
  const { recording = null, notes, again } = run;
  const recorded = linesOf(run.lines, 'end').at(-1)?.verdict ?? null;
  return { ...documentOfRun(run, again), recorded, recording, notes };
}

function textOf(run: ReportedRun, { paint }: CommandContext['output']): string {
  if (run.play.verdict === 'passed') return `${paint('good', '✔')} ${runLine(run)}`;
  return explainRun(run, { again: run.again, canTrace: false, paint });
}

/** The worst verdict decides. */
function failureOf(
  runs: readonly ReportedRun[],
  details: Readonly<Record<string, unknown>>,
): UserError | undefined {
  const of = (verdict: string): string[] =>
    runs.filter(({ play }) => play.verdict === verdict).map(({ plan }) => plan.title);
  const [failed, vague] = [of('failed').join(', '), of('inconclusive').join(', ')];
  if (failed !== '') return new UserError('expectation-broken', `Failed: ${failed}`, { details });
  if (vague === '') return undefined;
  return new UserError('inconclusive', `Inconclusive, nothing is proven: ${vague}`, {
    hint: 'The report says which fault never fired, and what did come; or which check had nothing to judge.',
    details,
  });
}
