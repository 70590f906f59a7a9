/** Stock and money of a run over time. */
import type { ReportedRun } from '../reported-run.ts';
import { linesOf } from '../../recording/recording.ts';
import { stepChart, type Series } from './chart.ts';
import { html, type Markup } from './markup.ts';

/** Books beyond these are told of, not drawn. */
const MAX_BOOKS = 6;

export function charts(run: ReportedRun, id: string): Markup {
  const stock = stockCharts(run, id);
  const money = moneyChart(run, id);
  if (stock.length === 0 && money === undefined) return html``;
  const left = run.plan.books.length - MAX_BOOKS;
  return html`<h3>Stock and money over time</h3>
    <div class="charts">${stock}${money}</div>
    ${left > 0 && html`<p class="note">${left} more books are not drawn.</p>`}`;
}

function stockCharts({ lines, plan, play }: ReportedRun, id: string): Markup[] {
  const seen = linesOf(lines, 'stock');
  if (seen.length === 0) return [];
  return plan.books.slice(0, MAX_BOOKS).map(({ ref }) => {
    const points = seen.flatMap(({ atMs, books }) => {
      const book = books.find((each) => each.ref === ref);
      return book === undefined ? [] : [{ atMs, book }];
    });
    const of = (value: (book: (typeof points)[number]['book']) => number): Series['points'] =>
      points.map(({ atMs, book }) => ({ atMs, value: value(book) }));
    return stepChart({
      id: `${id}-stock-${ref}`,
      title: `Copies of book ${ref}`,
      unit: 'copies',
      series: [
        { name: 'to sell', points: of(({ onHand, held }) => onHand - held) },
        { name: 'held', points: of(({ held }) => held) },
        { name: 'sold', points: of(({ sold }) => sold) },
      ],
      durationMs: play.durationMs,
    });
  });
}

function moneyChart({ lines, play }: ReportedRun, id: string): Markup | undefined {
  const seen = linesOf(lines, 'money');
  if (seen.length === 0) return undefined;
  const begin = { atMs: 0, capturedCents: 0, refundedCents: 0 };
  const all = seen[0] !== undefined && seen[0].atMs > 0 ? [begin, ...seen] : seen;
  return stepChart({
    id: `${id}-money`,
    title: 'Money of all orders',
    unit: 'EUR',
    series: [
      {
        name: 'captured',
        points: all.map(({ atMs, capturedCents }) => ({ atMs, value: capturedCents / 100 })),
      },
      {
        name: 'refunded',
        points: all.map(({ atMs, refundedCents }) => ({ atMs, value: refundedCents / 100 })),
      },
    ],
    durationMs: play.durationMs,
  });
}
