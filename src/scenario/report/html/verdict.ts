/** What a verdict means, for somebody who reads the first report of their life. */
import type { Verdict } from '../../judge/verdict.ts';
import { isJudged, type Reported, type ReportedRun } from '../reported-run.ts';
import { plural } from '../wording.ts';
import { html, type Markup } from './markup.ts';

/** Of a run that was judged, or was not played at all. */
export type Outcome = Verdict | 'not played';

const SHOWN: Readonly<Record<Outcome, readonly [tone: string, text: string]>> = {
  passed: ['good', '✔ passed'],
  failed: ['bad', '✖ failed'],
  inconclusive: ['warn', '! inconclusive'],
  'not played': ['bad', '✖ not played'],
};

export function outcomeOf(run: Reported): Outcome {
  return isJudged(run) ? run.play.verdict : 'not played';
}

/** Symbol and word: never a colour alone. */
export function verdictMark(outcome: Outcome): Markup {
  const [tone, text] = SHOWN[outcome];
  return html`<span class="verdict ${tone}">${text}</span>`;
}

/** What came out, and what that is worth, in a sentence or two. */
export function verdictSentence({ play }: ReportedRun): string {
  const { checks, faults, verdict } = play;
  const broken = checks.filter(({ isMet }) => !isMet).length;
  const missed = faults.filter(({ fired }) => fired === 0).length;
  if (verdict === 'passed')
    return `Everything that had to hold did hold: ${plural(checks.length, 'check')}. ${proof(faults.length)}`;
  if (verdict === 'failed') {
    const what = broken === 1 ? 'One thing' : `${broken} things`;
    return `${what} of ${checks.length} that must hold did not. Below stands what was expected, what was found, and the way there.`;
  }
  if (missed > 0) {
    const what = missed === 1 ? 'A fault' : `${missed} faults`;
    return `${what} that this scenario is about never struck. So it did not do what it was written for, and proves nothing, whether its checks hold or not.`;
  }
  if (broken === 0)
    return 'The run was not played to its end. What was seen of it until then was in order, but nothing is proven.';
  return 'There was nothing to judge for some checks: nothing is proven.';
}

function proof(faults: number): string {
  if (faults === 0) return 'Nothing was broken on purpose in this scenario.';
  return faults === 1
    ? 'The fault was proven to have struck, and was undone.'
    : `All ${faults} faults were proven to have struck, and were undone.`;
}
