/** Amounts over time as step lines, in SVG: between two values that were seen, the older one holds. */
import { formatTime } from '../wording.ts';
import { html, type Markup } from './markup.ts';
import { round, scale, ticks, type Scale } from './scale.ts';

export interface Series {
  readonly name: string;
  /** In order of time. */
  readonly points: ReadonlyArray<{ readonly atMs: number; readonly value: number }>;
}

export interface ChartOptions {
  readonly id: string;
  readonly title: string;
  /** What the numbers are: `copies`, `EUR`. */
  readonly unit: string;
  /** Three at most: they are told apart by their dashes. */
  readonly series: readonly Series[];
  readonly durationMs: number;
}

const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 56;
const RIGHT = 540;
const TOP = 26;
const BOTTOM = 176;
/** Names at the ends of lines need this much room, one below the other. */
const NAME_HEIGHT = 15;

export function stepChart({ id, title, unit, series, durationMs }: ChartOptions): Markup {
  const max = Math.max(1, ...series.map(({ points }) => greatest(points)));
  const x = scale(Math.max(1, durationMs), LEFT, RIGHT);
  const y = scale(max, BOTTOM, TOP);
  const ends = spread(series.map(({ points }) => y.at(points.at(-1)?.value ?? 0)));
  const told = series.map(({ name, points }) => `${name}: ${points.at(-1)?.value ?? 0}`).join(', ');
  return html`<figure class="chart">
    <figcaption>${title}</figcaption>
    <div class="scroll" tabindex="0" role="region" aria-label="${title}">
      <svg
        role="img"
        aria-labelledby="${id}-t ${id}-d"
        viewBox="0 0 ${WIDTH} ${HEIGHT}"
        width="${WIDTH}"
        height="${HEIGHT}"
      >
        <title id="${id}-t">${title}</title>
        <desc id="${id}-d">At the end, in ${unit}: ${told}.</desc>
        ${axes({ x, y, max, durationMs, unit })}${series.map(
          ({ name, points }, index) =>
            html`<path class="line s${index + 1}" d="${pathOf(points, x, y)}" /><text
                class="name s${index + 1}"
                x="${RIGHT + 8}"
                y="${(ends[index] ?? 0) + 4}"
                >${name}</text
              >`,
        )}
      </svg>
    </div>
  </figure>`;
}

function greatest(points: Series['points']): number {
  return points.reduce((most, { value }) => Math.max(most, value), 0);
}

interface Axes {
  readonly x: Scale;
  readonly y: Scale;
  readonly max: number;
  readonly durationMs: number;
  readonly unit: string;
}

function axes({ x, y, max, durationMs, unit }: Axes): Markup {
  const rows = ticks(max, 4, true).map(
    (value) =>
      html`<path class="grid" d="M${LEFT} ${y.at(value)}H${RIGHT}" /><text
          class="tick"
          x="${LEFT - 6}"
          y="${y.at(value) + 4}"
          text-anchor="end"
          >${value}</text
        >`,
  );
  const columns = ticks(durationMs, 5).map(
    (atMs) =>
      html`<path class="grid" d="M${x.at(atMs)} ${BOTTOM}v5" /><text
          class="tick"
          x="${x.at(atMs)}"
          y="${BOTTOM + 18}"
          text-anchor="middle"
          >${formatTime(atMs)}</text
        >`,
  );
  return html`${rows}${columns}<path class="axis" d="M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}" /><text
      class="tick"
      x="${LEFT}"
      y="12"
      text-anchor="middle"
      >${unit}</text
    ><text class="tick" x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle"
      >time since the run began</text
    >`;
}

/** Of all values in one pixel's time only the extremes and the last are drawn: more cannot be seen. */
function pathOf(points: Series['points'], x: Scale, y: Scale): string {
  const columns = new Map<number, { min: number; max: number; last: number }>();
  for (const { atMs, value } of points) {
    const column = Math.round(x.at(atMs));
    const known = columns.get(column) ?? { min: value, max: value, last: value };
    const min = Math.min(known.min, value);
    columns.set(column, { min, max: Math.max(known.max, value), last: value });
  }
  const parts: string[] = [];
  for (const [column, { min, max, last }] of columns) {
    if (parts.length === 0) parts.push(`M${column} ${y.at(last)}`);
    else parts.push(`H${column}`);
    if (min !== max) parts.push(`V${y.at(min)}V${y.at(max)}`);
    parts.push(`V${y.at(last)}`);
  }
  return parts.length === 0 ? '' : `${parts.join('')}H${RIGHT}`;
}

/** Places of names so that none covers another. */
function spread(wanted: readonly number[]): number[] {
  const placed: number[] = wanted.map(() => 0);
  const order = wanted.map((at, index) => ({ at, index })).toSorted((a, b) => a.at - b.at);
  let next = TOP;
  for (const { at, index } of order) {
    const place = Math.max(at, next);
    placed[index] = round(place);
    next = place + NAME_HEIGHT;
  }
  return placed;
}
