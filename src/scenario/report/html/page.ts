/** The report of several runs as one file of HTML: no script, nothing loaded from elsewhere. */
import { isJudged, startedAt, type Reported } from '../reported-run.ts';
import { formatTime, plural } from '../wording.ts';
import type { Budget } from './diagrams.ts';
import { html, type Markup } from './markup.ts';
import { runSection, unplayedSection } from './run-section.ts';
import { arrowHeads } from './sequence-diagram.ts';
import { STYLES } from './styles.ts';
import { outcomeOf, verdictMark, type Outcome } from './verdict.ts';

/** Of all diagrams together: whoever reads about many runs wants those that failed. */
const DIAGRAM_CHARACTERS = 3_000_000;
/** What is worst is read first. */
const ORDER: readonly Outcome[] = ['failed', 'not played', 'inconclusive', 'passed'];

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** Pure: the same runs give the same text. */
export function htmlReport(runs: readonly Reported[]): string {
  const sorted = runs.toSorted((a, b) => rank(a) - rank(b));
  const budget: Budget = { characters: DIAGRAM_CHARACTERS };
  const sections = sorted.map((run, index) => {
    const id = `run-${index + 1}`;
    return isJudged(run) ? runSection(run, id, budget) : unplayedSection(run, id);
  });
  const title = titleOf(runs);
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
      <meta name="viewport" content="width=device-width,initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title}</title>
      <style>
        ${STYLES}
      </style>
    </head>
    <body id="top">
      ${arrowHeads()}
      <header>
        <h1>${title}</h1>
        ${intro(runs)}
      </header>
      <main>${summary(sorted)}${sections}</main>
    </body>
  </html> `;
  return `<!doctype html>\n${page.text}`;
}

function rank(run: Reported): number {
  return ORDER.indexOf(outcomeOf(run));
}

function titleOf(runs: readonly Reported[]): string {
  const parts = ORDER.flatMap((outcome) => {
    const count = runs.filter((run) => outcomeOf(run) === outcome).length;
    return count === 0 ? [] : [`${count} ${outcome}`];
  });
  return `Scenario runs: ${parts.join(', ') || 'none'}`;
}

function intro(runs: readonly Reported[]): Markup {
  const judged = runs.filter(isJudged);
  const begin = Math.min(...judged.map(startedAt));
  const when =
    judged.length > 0 &&
    begin > 0 &&
    ` Played ${new Date(begin).toISOString().slice(0, 16).replace('T', ' ')} UTC.`;
  return html`<p class="soft">
    Each run plays orders in the bookstore, breaks something on purpose, and then checks in the
    databases that no money and no book was lost.${when}
  </p>`;
}

function summary(runs: readonly Reported[]): Markup {
  const rows = runs.map((run, index) => {
    const { plan } = run;
    const judged = isJudged(run) ? run.play : undefined;
    const held = judged?.checks.filter(({ isMet }) => isMet).length;
    const fired = judged?.faults.filter(({ fired: times }) => times > 0).length;
    const checks = judged === undefined ? '' : `${held} of ${judged.checks.length}`;
    const faults =
      judged === undefined || judged.faults.length === 0
        ? '–'
        : `${fired} of ${judged.faults.length}`;
    const took = judged === undefined ? '' : formatTime(judged.durationMs);
    return html`<tr>
      <td>${verdictMark(outcomeOf(run))}</td>
      <th scope="row"><a href="#run-${index + 1}">${plan.title}</a></th>
      <td class="number">${checks}</td>
      <td class="number">${faults}</td>
      <td class="number wide">${took}</td>
    </tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Summary">
    <table>
      <caption class="note">
        ${plural(runs.length, 'run')}; what needs attention stands first
      </caption>
      <thead>
        <tr>
          <th scope="col">verdict</th>
          <th scope="col">scenario</th>
          <th scope="col" class="number">checks held</th>
          <th scope="col" class="number">faults struck</th>
          <th scope="col" class="number wide">took</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div> `;
}
