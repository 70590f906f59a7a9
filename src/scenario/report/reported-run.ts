/** What a report is made of: a run with its verdict and its recording, or what kept it from being judged. */
import type { Plan } from '../plan.ts';
import type { Play } from '../play.ts';
import { judgeRecording } from '../recording/check.ts';
import type { Line } from '../recording/lines.ts';
import { linesOf, type Recording } from '../recording/recording.ts';
import type { RunResult } from '../run-scenarios.ts';

export interface ReportedRun {
  readonly plan: Plan;
  readonly play: Play;
  readonly lines: readonly Line[];
  /** The command that plays it again. */
  readonly again: string;
  /** Where its recording is. */
  readonly recording: string | undefined;
  /** What the reader has to know of the recording itself. */
  readonly notes: readonly string[];
}

export interface UnplayedRun {
  readonly plan: Plan;
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
  readonly again: string;
}

export type Reported = ReportedRun | UnplayedRun;

export interface Reproduction {
  readonly again: string;
  /** Where its recording is. */
  readonly recording?: string | undefined;
}

/** Of what was just played. */
export function reportOf(result: RunResult, { again, recording }: Reproduction): Reported {
  const { plan } = result;
  if ('play' in result) {
    return { plan, play: result.play, lines: result.lines, again, recording, notes: [] };
  }
  const { code, message, hint } = result.error;
  return { plan, error: { code, message, ...(hint !== undefined && { hint }) }, again };
}

/** Of a recording, judged again. */
export function reportOfRecording(recording: Recording, where: Reproduction): ReportedRun {
  const { play, recorded, differences } = judgeRecording(recording);
  const isOther = recorded !== undefined && recorded !== play.verdict;
  const verdict = `The run itself came to another verdict: ${recorded}, and now ${play.verdict}.`;
  return {
    plan: recording.plan,
    play,
    lines: recording.lines,
    again: where.again,
    recording: where.recording,
    notes: [
      ...recording.flaws,
      ...(isOther ? [verdict] : []),
      ...differences.map((text) => `Judged otherwise: ${text}.`),
    ],
  };
}

export function isJudged(reported: Reported): reported is ReportedRun {
  return 'play' in reported;
}

/** When it began, milliseconds since 1970. */
export function startedAt({ lines }: ReportedRun): number {
  return linesOf(lines, 'run')[0]?.startedAt ?? 0;
}
