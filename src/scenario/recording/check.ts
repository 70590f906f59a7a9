/** Judges a recorded run once more, from what was written down alone. Pure. */
import type { Check } from '../judge/check.ts';
import { judgeMoment } from '../judge/moments.ts';
import { NOTHING_SEEN } from '../judge/observations.ts';
import { armedBefore, verdictOf, type Verdict } from '../judge/verdict.ts';
import type { Play } from '../play.ts';
import type { Line, Moment, PassageLine } from './lines.ts';
import { outcomesOf } from './outcomes.ts';
import { durationOf, linesOf, type Recording } from './recording.ts';
import { tally } from './tally.ts';

export interface Rejudged {
  readonly play: Play;
  /** What the run itself came to; undefined when it was not played to its end. */
  readonly recorded: Verdict | undefined;
  /** Checks that came out otherwise than when the run was played, for people. */
  readonly differences: readonly string[];
}

/**
 * The verdict of a run by the rules of this version. A run that was not played to its end proves nothing, but
 * what is broken in it is broken.
 */
export function judgeRecording({ run, plan, lines }: Recording): Rejudged {
  const seen = seenAgain(lines);
  const checks = seen.flatMap((line) => judgeMoment(plan, line));
  const faults = armedBefore(plan, abandonedAt(seen), outcomesOf(plan, lines));
  const recorded = linesOf(lines, 'end').at(-1)?.verdict;
  const last = seen.findLast(({ moment }) => moment !== 'steady-after') ?? seen.at(-1);
  return {
    play: {
      verdict:
        recorded === undefined ? unfinished(checks) : finished(seen, verdictOf(checks, faults)),
      checks,
      faults,
      seen: last?.seen ?? { ...NOTHING_SEEN, startedAt: run.startedAt },
      durationMs: durationOf({ lines }),
    },
    recorded,
    differences: differencesOf(linesOf(lines, 'check'), checks),
  };
}

/** The step at which the run was abandoned: the last one that was judged. */
function abandonedAt(
  seen: ReadonlyArray<{ readonly moment: Moment; readonly step?: number }>,
): number | undefined {
  if (!seen.some(({ moment }) => moment === 'abandoned')) return undefined;
  return seen.findLast(({ moment }) => moment === 'step')?.step;
}

/** Only what was seen at the end can prove that all went well. */
function finished(seen: ReadonlyArray<{ readonly moment: Moment }>, verdict: Verdict): Verdict {
  const hasEnd = seen.some(({ moment }) => moment === 'end');
  return verdict === 'passed' && !hasEnd ? 'inconclusive' : verdict;
}

function unfinished(checks: readonly Check[]): Verdict {
  const isBroken = checks.some(({ isMet, isVague, name }) => {
    return !isMet && isVague !== true && !name.startsWith('steady before');
  });
  return isBroken ? 'failed' : 'inconclusive';
}

/** What was seen, with the messages counted again: those that were written down until then. */
function seenAgain(lines: readonly Line[]) {
  const passages: PassageLine[] = [];
  return lines.flatMap((line) => {
    if (line.kind === 'passage') passages.push(line);
    if (line.kind !== 'seen') return [];
    return [{ ...line, seen: { ...line.seen, messages: tally(passages) } }];
  });
}

function differencesOf(
  recorded: ReadonlyArray<{ readonly check: Check }>,
  again: readonly Check[],
): string[] {
  const word = ({ isMet }: Check): string => (isMet ? 'held' : 'was broken');
  return again.flatMap((check, index) => {
    const before = recorded[index]?.check;
    if (before?.name !== check.name || before.isMet === check.isMet) return [];
    return [`${check.name} ${word(before)} when it was played, and ${word(check)} now`];
  });
}
