/** The timeline of a run: what was done, what went wrong, and how the orders got on, on one axis of time. */
import type { Line } from '../../recording/lines.ts';
import { linesOf } from '../../recording/recording.ts';
import type { ReportedRun } from '../reported-run.ts';
import { describeDoing, formatTime } from '../wording.ts';
import { plannedFaults } from '../../plan.ts';
import { html, type Markup } from './markup.ts';
import { scale, ticks, type Scale } from './scale.ts';

/** Something at a time; with a length when it lasted. */
interface Happening {
  readonly atMs: number;
  readonly forMs?: number;
  readonly text: string;
}

interface Lane {
  readonly name: string;
  readonly kind: 'step' | 'fault' | 'stack' | 'order';
  readonly symbol: string;
  readonly happenings: readonly Happening[];
}

const WIDTH = 1_000;
const LEFT = 96;
const RIGHT = 980;
const ROW = 17;
const MAX_ROWS = 5;
const CHARACTER = 6.2;
/** More lines than this make no table that anybody reads. */
const MAX_TABLE = 100;
/** Marks of one lane that fall onto the same spot are drawn once. */
const SPOT = 2;

/** Empty when nothing was recorded. */
export function timeline(run: ReportedRun, id: string): Markup {
  const lanes = lanesOf(run).filter(({ happenings }) => happenings.length > 0);
  if (lanes.length === 0) return html``;
  const durationMs = Math.max(1, run.play.durationMs);
  const x = scale(durationMs, LEFT, RIGHT);
  let y = 8;
  const drawn = lanes.map((lane) => {
    const { markup, height } = drawLane(lane, x, y);
    y += height;
    return markup;
  });
  const height = y + 36;
  const axis = ticks(durationMs, 8).map(
    (atMs) =>
      html`<path class="grid" d="M${x.at(atMs)} 4V${y + 6}" /><text
          class="tick"
          x="${x.at(atMs)}"
          y="${y + 20}"
          text-anchor="middle"
          >${formatTime(atMs)}</text
        >`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Timeline">
      <svg
        class="timeline"
        role="img"
        aria-labelledby="${id}-t"
        viewBox="0 0 ${WIDTH} ${height}"
        width="${WIDTH}"
        height="${height}"
      >
        <title id="${id}-t">Timeline of the run; the table below says the same.</title>
        ${axis}${drawn}
      </svg>
    </div>
    ${table(lanes)}`;
}

function lanesOf(run: ReportedRun): Lane[] {
  const { lines, play } = run;
  const steps = linesOf(lines, 'step');
  return [
    {
      name: 'steps',
      kind: 'step',
      symbol: '▸',
      happenings: steps.map(({ atMs, step, does }) => ({ atMs, text: `${step}. ${does}` })),
    },
    { name: 'faults', kind: 'fault', symbol: '⚡', happenings: faultsOf(run) },
    { name: 'stack', kind: 'stack', symbol: '✖', happenings: stackOf(lines) },
    ...ordersOf(lines),
    {
      name: 'end',
      kind: 'order',
      symbol: '■',
      happenings: [
        ...linesOf(lines, 'healed').map(({ atMs }) => ({ atMs, text: 'all faults undone' })),
        { atMs: play.durationMs, text: play.verdict },
      ],
    },
  ];
}

function faultsOf({ plan, lines }: ReportedRun): Happening[] {
  const planned = plannedFaults(plan);
  return linesOf(lines, 'passage').flatMap((line) => {
    if (line.what !== 'fault') return [];
    const fault = planned.find(({ id }) => line.faultId.endsWith(`/${id}`));
    const does = fault === undefined ? line.action.verb : describeDoing(fault);
    const order = line.order === undefined ? '' : ` (${line.order})`;
    return [{ atMs: line.atMs, text: `${does} at ${line.message}@${line.point}${order}` }];
  });
}

function stackOf(lines: readonly Line[]): Happening[] {
  return linesOf(lines, 'stack').map(({ atMs, verb, part, forMs, problem }) => ({
    atMs,
    text: problem === undefined ? `${verb} ${part}` : `${verb} ${part} not done: ${problem}`,
    ...(forMs !== undefined && problem === undefined && { forMs }),
  }));
}

/** Where orders stood for good, and that they began: a lane for each kind of milestone. */
const MILESTONES = ['accepted', 'confirmed', 'shipped', 'rejected', 'cancelled', 'stuck'] as const;

function ordersOf(lines: readonly Line[]): Lane[] {
  const entries = linesOf(lines, 'entry');
  return MILESTONES.map((milestone) => ({
    name: milestone,
    kind: 'order',
    symbol: '●',
    happenings: entries
      .filter(({ entry }) => entry.event === milestone)
      .map(({ atMs, order }) => ({ atMs, text: order }))
      .toSorted((a, b) => a.atMs - b.atMs),
  }));
}

function drawLane(lane: Lane, x: Scale, top: number): { markup: Markup; height: number } {
  const rows: number[] = [];
  const spots = new Set<string>();
  const drawn = lane.happenings.map(({ atMs, forMs, text }) => {
    const at = x.at(Math.max(0, Math.min(atMs, Infinity)));
    const bar =
      forMs !== undefined &&
      html`<rect
        class="bar ${lane.kind}"
        x="${at}"
        y="${top + 2}"
        width="${Math.max(2, x.at(atMs + forMs) - at)}"
        height="12"
      />`;
    const label = `${lane.symbol} ${text}`.slice(0, 80);
    const width = label.length * CHARACTER + 8;
    // What does not fit to the right of its time stands to the left of it.
    const isLeft = at + width > WIDTH;
    const [start, end] = isLeft ? [at - width, at] : [at, at + width];
    const row = freeRow(rows, start);
    if (row === undefined) {
      const spot = `${Math.round(at / SPOT)}`;
      if (spots.has(spot)) return bar;
      spots.add(spot);
      return html`${bar}<path class="spot ${lane.kind}" d="M${at} ${top + 2}v10" />`;
    }
    rows[row] = end;
    const y = top + row * ROW;
    return html`${bar}<path class="spot ${lane.kind}" d="M${at} ${y + 2}v12" /><text
        class="happening ${lane.kind}"
        x="${isLeft ? at - 4 : at + 4}"
        y="${y + 12}"
        text-anchor="${isLeft ? 'end' : 'start'}"
        >${label}</text
      >`;
  });
  const height = Math.max(1, rows.length) * ROW + 8;
  const name = html`<text class="lane" x="4" y="${top + 12}">${lane.name}</text
    ><path class="grid" d="M0 ${top + height - 3}H${WIDTH}" />`;
  return { markup: html`${name}${drawn}`, height };
}

/** The first row whose last label ends before; a new one while there may be more; else none. */
function freeRow(rows: readonly number[], start: number): number | undefined {
  const free = rows.findIndex((end) => end <= start);
  if (free !== -1) return free;
  return rows.length < MAX_ROWS ? rows.length : undefined;
}

function table(lanes: readonly Lane[]): Markup {
  const all = lanes
    .flatMap(({ name, happenings }) => happenings.map((each) => ({ name, ...each })))
    .toSorted((a, b) => a.atMs - b.atMs);
  const left = all.length - MAX_TABLE;
  return html`<details>
    <summary>The timeline as a table</summary>
    <table>
      <thead>
        <tr>
          <th scope="col">when</th>
          <th scope="col">what</th>
          <th scope="col"></th>
        </tr>
      </thead>
      <tbody>
        ${all.slice(0, MAX_TABLE).map(
          ({ name, atMs, text }) =>
            html`<tr>
              <td class="number">${formatTime(atMs)}</td>
              <td>${name}</td>
              <td>${text}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${left > 0 && html`<p class="note">${left} more are left out.</p>`}
  </details>`;
}
