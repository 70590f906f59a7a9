/** One run in the report: what it means first, then why, then everything that proves it. */
import type { Check } from '../../judge/check.ts';
import { linesOf } from '../../recording/recording.ts';
import { messageTrail } from '../message-trail.ts';
import { describePlan } from '../plan-text.ts';
import type { ReportedRun, UnplayedRun } from '../reported-run.ts';
import { Stories } from '../story/tell.ts';
import { describeFault, explainMiss, formatTime } from '../wording.ts';
import { charts } from './charts.ts';
import { diagrams, type Budget } from './diagrams.ts';
import { html, type Child, type Markup } from './markup.ts';
import { timeline } from './timeline.ts';
import { verdictMark, verdictSentence } from './verdict.ts';

/** Broken checks that are told in full; the table has all. */
const MAX_CARDS = 20;
const TRAIL_LINES = 14;

export function runSection(run: ReportedRun, id: string, budget: Budget): Markup {
  const { plan, play, again } = run;
  const isOpen = play.verdict !== 'passed';
  return html`<details class="run" id="${id}" ${isOpen && html` open`}>
    <summary><h2>${verdictMark(play.verdict)} ${plan.title}</h2></summary>
    <p>${verdictSentence(run)}</p>
    <p class="soft">${plan.about}</p>
    ${run.notes.map((note) => html`<p class="warn">! ${note}</p>`)}
    ${facts(run)}${wrong(run)}${faults(run)}
    <h3>When what happened</h3>
    ${timeline(run, `${id}-time`)}${diagrams(run, id, budget)}${charts(run, id)}${checks(play.checks, plan.skipped)}
    <details>
      <summary>The plan</summary>
      ${planOf(run)}
    </details>
    <details>
      <summary>The file ${plan.file}</summary>
      <pre>${plan.text}</pre>
    </details>
    <h3>See it again</h3>
    <pre class="command">${again}</pre>
    <p class="toplink"><a href="#top">back to the summary</a></p>
  </details> `;
}

export function unplayedSection({ plan, error, again }: UnplayedRun, id: string): Markup {
  return html`<details class="run" id="${id}" open>
    <summary><h2>${verdictMark('not played')} ${plan.title}</h2></summary>
    <p>
      Something else kept this run from being judged, so nothing is known of it: ${error.message}
    </p>
    ${error.hint !== undefined && html`<p>${error.hint}</p>`}
    <p class="soft">${plan.about}</p>
    <pre class="command">${again}</pre>
  </details> `;
}

function facts({ plan, play, lines, recording }: ReportedRun): Markup {
  const run = linesOf(lines, 'run')[0];
  const variables = Object.entries(plan.variables).map(([name, value]) => `${name} = ${value}`);
  const rows: ReadonlyArray<readonly [string, string | undefined]> = [
    ['took', formatTime(play.durationMs)],
    ['began', run && new Date(run.startedAt).toISOString().replace('T', ' ').slice(0, 19) + ' UTC'],
    ['seed', `${plan.seed}`],
    ['variables', variables.length === 0 ? undefined : variables.join(', ')],
    [
      'stack',
      run &&
        `${run.stack === 'running' ? 'the one that was running' : 'one of its own'} (${run.engine})`,
    ],
    ['recording', recording],
  ];
  return html`<dl>
    ${rows.map(
      ([name, value]) =>
        value !== undefined &&
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

/** Broken checks, each with the way of the orders that explain it. */
function wrong(run: ReportedRun): Markup | undefined {
  const broken = run.play.checks.filter(({ isMet }) => !isMet);
  if (broken.length === 0) return undefined;
  const stories = new Stories(run);
  const told = new Set<string>();
  const cards = broken.slice(0, MAX_CARDS).map((check) => {
    const fresh = check.orders.filter((order) => !told.has(order)).slice(0, 1);
    for (const order of fresh) told.add(order);
    return card(
      check,
      fresh.map((order) => trail(stories, order)),
    );
  });
  const left = broken.length - cards.length;
  return html`<h3>What went wrong</h3>
    ${cards}${left > 0 && html`<p class="note">${left} more broken checks stand in the table below.</p>`}`;
}

function card({ name, kind, expected, found, atMs, orders, isVague }: Check, way: Child): Markup {
  const what = kind === 'invariant' ? `${name} (must hold in every scenario)` : name;
  const mark = isVague === true ? '? nothing to judge: ' : '✖ ';
  const whose =
    orders.length > 0 &&
    html`<dt>orders</dt>
      <dd>${orders.join(', ')}</dd>`;
  return html`<div class="card${isVague === true && ' vague'}">
    <h4>${mark}${what}</h4>
    <dl>
      <dt>expected</dt>
      <dd>${expected}</dd>
      <dt>found</dt>
      <dd>${found}</dd>
      <dt>when</dt>
      <dd>${formatTime(Math.max(0, atMs))} after the start</dd>
      ${whose}
    </dl>
    ${way}
  </div>`;
}

function trail(stories: Stories, order: string): Markup | undefined {
  const story = stories.of(order);
  if (story.scenes.length === 0) return undefined;
  const lines = messageTrail(story, { limit: TRAIL_LINES, paint: (_tone, text) => text });
  return html`<h4>The way of ${order} to it</h4>
    <pre>${lines.join('\n')}</pre>`;
}

function faults({ play }: ReportedRun): Markup | undefined {
  if (play.faults.length === 0) return undefined;
  const rows = play.faults.map((outcome) => {
    const hasFired = outcome.fired > 0;
    const result = hasFired
      ? html`<span class="good">✔ struck ${outcome.fired}×</span>`
      : html`<span class="warn">! never struck: ${explainMiss(outcome)}</span>`;
    return html`<tr>
      <th scope="row">⚡ ${describeFault(outcome.fault)}</th>
      <td>${result}</td>
    </tr>`;
  });
  return html`<h3>What was broken on purpose</h3>
    <table>
      <thead>
        <tr>
          <th scope="col">fault</th>
          <th scope="col">what became of it</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`;
}

function checks(all: readonly Check[], skipped: readonly string[]): Markup {
  const rows = all.map(({ name, kind, isMet, isVague, expected, found, atMs }) => {
    const result = isMet
      ? html`<span class="good">✔ held</span>`
      : isVague === true
        ? html`<span class="warn">? nothing to judge</span>`
        : html`<span class="bad">✖ broken</span>`;
    return html`<tr>
      <td class="verdict">${result}</td>
      <th scope="row">
        ${name}${kind === 'invariant' && html` <span class="soft">(always)</span>`}
      </th>
      <td>${expected}</td>
      <td>${found}</td>
      <td class="number wide">${formatTime(Math.max(0, atMs))}</td>
    </tr>`;
  });
  const left =
    skipped.length > 0 &&
    html`<p class="warn">! Not checked in this scenario: ${skipped.join(', ')}</p>`;
  return html`<h3>Everything that was checked</h3>
    ${left}
    <div class="scroll" tabindex="0" role="region" aria-label="Checks">
      <table>
        <thead>
          <tr>
            <th scope="col">result</th>
            <th scope="col">check</th>
            <th scope="col">expected</th>
            <th scope="col">found</th>
            <th scope="col" class="number wide">looked at</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
}

function planOf({ plan }: ReportedRun): Markup[] {
  return describePlan(plan).map(
    ([title, lines]) =>
      html`<h4>${title}</h4>
        <ul>
          ${lines.map((line) => html`<li>${line}</li>`)}
        </ul>`,
  );
}
