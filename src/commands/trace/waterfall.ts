/** A waterfall as text: offset, part, what, how long, and a bar on one common scale. */
import { formatDuration } from '../../kernel/durations.ts';
import { stepLine } from '../progress.ts';
import type { Paint } from '../palette.ts';
import { cut } from '../table.ts';
import type { TraceRow } from './rows.ts';
import { visibleWidth } from '../wrapping.ts';

export interface WaterfallOptions {
  /** Characters in a line. */
  readonly columns: number;
  readonly paint: Paint;
}

const OFFSET = 9;
const PART = 12;
const TOOK = 8;
const GAPS = 6;
const LEAST_BAR = 10;
const LEAST_WHAT = 16;
/** What happened is never cut to less than this, whatever is said about it. */
const LEAST_WORD = 10;

/** One line for each row; the bars are left out where there is no room for them. */
export function renderWaterfall(rows: readonly TraceRow[], options: WaterfallOptions): string {
  const layout = layoutOf(rows, options.columns);
  const placed = foldRests(rows);
  const end = placed.reduce((most, row) => Math.max(most, row.drawnMs + (row.durationMs ?? 0)), 0);
  const { paint } = options;
  const lines = placed.flatMap((row) => [
    ...(row.restMs === undefined ? [] : [paint('quiet', restLine(row.restMs))]),
    lineOf(row, { ...layout, end, paint }),
  ]);
  return lines.join('\n');
}

/** So long nothing happened: an order rests before it is shipped, or waits for a part. */
const LONG_REST_MS = 5_000;
/** What of it is drawn: else all that happened would be squashed into a point. */
const DRAWN_REST_MS = 250;

interface PlacedRow extends TraceRow {
  /** Where it is drawn, long rests cut short. */
  readonly drawnMs: number;
  /** Of the long rest before it; absent when there was none. */
  readonly restMs?: number;
}

/** Rows in the order of time, as `traceRows` gives them. */
function foldRests(rows: readonly TraceRow[]): readonly PlacedRow[] {
  let busyUntil = 0;
  let cutMs = 0;
  return rows.map((row) => {
    const restMs = row.offsetMs - busyUntil;
    busyUntil = Math.max(busyUntil, row.offsetMs + (row.durationMs ?? 0));
    if (restMs < LONG_REST_MS) return { ...row, drawnMs: row.offsetMs - cutMs };
    cutMs += restMs - DRAWN_REST_MS;
    return { ...row, drawnMs: row.offsetMs - cutMs, restMs };
  });
}

/** `⋯ 58.2 s later`, under the offsets. */
function restLine(restMs: number): string {
  return `${'⋯'.padStart(OFFSET)} ${formatDuration(restMs)} later`;
}

interface Layout {
  readonly what: number;
  readonly bar: number;
}

function layoutOf(rows: readonly TraceRow[], columns: number): Layout {
  const longest = rows.reduce(
    (most, row) => Math.max(most, visibleWidth(labelOf(row))),
    LEAST_WHAT,
  );
  const room = columns - OFFSET - PART - TOOK - GAPS;
  const bar = room - LEAST_WHAT < LEAST_BAR ? 0 : Math.max(LEAST_BAR, room - longest);
  return { what: Math.max(LEAST_WHAT, Math.min(longest, room - bar)), bar };
}

interface LineOptions extends Layout {
  readonly end: number;
  readonly paint: Paint;
}

function lineOf(row: PlacedRow, { what, bar, end, paint }: LineOptions): string {
  const label = cut(labelOf(row, what), what);
  const took = row.durationMs === undefined ? '' : milliseconds(row.durationMs);
  const cells = [
    paint('quiet', `+${milliseconds(row.offsetMs)}`.padStart(OFFSET)),
    row.part.padEnd(PART),
    label + ' '.repeat(Math.max(0, what - visibleWidth(label))),
    took.padStart(TOOK),
    ...(bar === 0 ? [] : [paint(row.kind === 'event' ? 'accent' : 'good', barOf(row, bar, end))]),
  ];
  return stepLine(row.mark, cells.join(' ').trimEnd(), paint);
}

/** `charge → charged #2 redelivered`: without the part's own name, which stands beside it. */
function labelOf(row: TraceRow, width = Infinity): string {
  const notes = [
    ...((row.attempt ?? 1) > 1 ? [` #${row.attempt}`] : []),
    ...(row.redelivered === true ? [' redelivered'] : []),
  ].join('');
  const room = Math.max(LEAST_WORD, width - visibleWidth(notes));
  return cut(row.what.replaceAll(`${row.part}.`, ''), room) + notes;
}

/** Work is a block as long as it took; an event is a point. */
function barOf(row: PlacedRow, width: number, end: number): string {
  const scale = end === 0 ? 0 : (width - 1) / end;
  const from = Math.min(width - 1, Math.round(row.drawnMs * scale));
  if (row.durationMs === undefined) return `${' '.repeat(from)}◆`;
  const length = Math.max(1, Math.min(width - from, Math.round(row.durationMs * scale)));
  return `${' '.repeat(from)}${'█'.repeat(length)}`;
}

function milliseconds(ms: number): string {
  if (ms >= 60_000) return `${(ms / 60_000).toFixed(1)} min`;
  if (ms >= 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Number.isInteger(ms) || ms >= 100 ? Math.round(ms) : ms.toFixed(1)} ms`;
}
