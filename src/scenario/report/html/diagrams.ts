/** The diagrams of a run: its orders, those that explain most first. */
import type { ReportedRun } from '../reported-run.ts';
import { linesOf } from '../../recording/recording.ts';
import { Stories } from '../story/tell.ts';
import { html, type Markup } from './markup.ts';
import { sequenceDiagram } from './sequence-diagram.ts';

/** A reader has had enough after this many, and the first of them are the ones that matter. */
const MAX_DIAGRAMS = 12;
/** Where all is well a few show how it went. */
const MAX_WHEN_PASSED = 3;

/** What all runs of a report may take together, so that it can be sent by mail. */
export interface Budget {
  characters: number;
}

export function diagrams(run: ReportedRun, id: string, budget: Budget): Markup {
  const orders = orderedByInterest(run);
  if (orders.length === 0) return html``;
  const stories = new Stories(run);
  const limit = run.play.verdict === 'passed' ? MAX_WHEN_PASSED : MAX_DIAGRAMS;
  const drawn: Markup[] = [];
  for (const [index, order] of orders.slice(0, limit).entries()) {
    if (budget.characters <= 0) break;
    const diagram = sequenceDiagram(stories.of(order), `${id}-o${index}`);
    budget.characters -= diagram.text.length;
    drawn.push(
      html`<h4>Order ${order}${status(run, order)}</h4>
        ${diagram}`,
    );
  }
  const left = orders.length - drawn.length;
  const note = html`<p class="note">
    ${left} more ${left === 1 ? 'order is' : 'orders are'} not drawn; <code>run.ndjson</code> has
    ${left === 1 ? 'it' : 'them'}.
  </p>`;
  return html`<h3>What was sent to whom</h3>
    <p class="note">
      Time runs downwards, and an arrow is a message. Dashed: a repetition. ✕: it did not arrive.
      ⚡: a fault on purpose. Rounded boxes: where the order stands.
    </p>
    ${drawn}${left > 0 && note}`;
}

function status({ play }: ReportedRun, order: string): string {
  const found = play.seen.orders.find(({ name }) => name === order);
  if (found?.detail !== undefined) return `: ${found.detail.status}`;
  return found?.refusal === undefined ? '' : `: not accepted (${found.refusal})`;
}

/** Orders of broken checks, then those that faults struck, then the others in order of the file. */
function orderedByInterest({ play, lines }: ReportedRun): string[] {
  const broken = play.checks.filter(({ isMet }) => !isMet).flatMap(({ orders }) => orders);
  const struck = linesOf(lines, 'passage').flatMap(({ what, order }) =>
    what === 'fault' && order !== undefined ? [order] : [],
  );
  const all = play.seen.orders.map(({ name }) => name);
  const known = new Set(all);
  return [...new Set([...broken, ...struck, ...all])].filter((name) => known.has(name));
}
