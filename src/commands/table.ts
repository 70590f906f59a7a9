/** Tables for people: aligned columns, cut to the width of the terminal, whole when there is none. */
import { stripVTControlCharacters } from 'node:util';

import type { Paint } from './palette.ts';
import { visibleWidth, wrap } from './wrapping.ts';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** May be cut when the line is too long; the others keep their width. */
  readonly canShrink?: boolean;
  /** Left out first when the line is still too long. */
  readonly canGo?: boolean;
  /** Stands for the value when the line is too long even so. */
  readonly short?: (row: Row) => string;
}

export interface TableOptions {
  /** Characters in a line; undefined when nothing has to be cut. */
  readonly columns: number | undefined;
  readonly paint: Paint;
}

const GAP = 2;
const LEAST = 8;

/** The lines of a table with a heading, without a line break at the end. */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions,
): string {
  const kept = fitting(rows, columns, options.columns);
  const widths = shrunk(kept, natural(rows, kept), options.columns);
  const line = (cells: readonly string[]): string =>
    kept
      .map((column, index) => pad(cells[index] ?? '', widths[index] ?? 0, column.align))
      .join('  ')
      .trimEnd();
  const head = options.paint('quiet', line(kept.map((column) => column.title)));
  const body = rows.map((row) => line(kept.map((column) => column.value(row))));
  return [head, ...body, ...missingNote(columns, kept, options)].join('\n');
}

/** Says which columns found no room. */
function missingNote<Row>(
  columns: readonly Column<Row>[],
  kept: readonly Column<Row>[],
  { columns: width, paint }: TableOptions,
): readonly string[] {
  const titles = new Set(kept.map((column) => column.title));
  const missing = columns.map(({ title }) => title).filter((title) => !titles.has(title));
  if (missing.length === 0) return [];
  return [paint('quiet', wrap(`no room for: ${missing.join(', ')}`, width))];
}

/** The text cut to a width, with an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  const characters = Array.from(stripVTControlCharacters(text));
  return `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

function natural<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): readonly number[] {
  return columns.map((column) =>
    rows.reduce(
      (most, row) => Math.max(most, visibleWidth(column.value(row))),
      column.title.length,
    ),
  );
}

/** Columns that may go are dropped from the right until the rest has a chance to fit; at last values are shortened. */
function fitting<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number | undefined,
): readonly Column<Row>[] {
  if (width === undefined) return columns;
  const widths = natural(rows, columns);
  const least = (column: Column<Row>, index: number): number =>
    column.canShrink === true ? Math.min(LEAST, widths[index] ?? 0) : (widths[index] ?? 0);
  const needed = columns.reduce((sum, column, index) => sum + least(column, index) + GAP, -GAP);
  const last = columns.findLastIndex((column) => column.canGo === true);
  if (needed <= width) return columns;
  if (last === -1) return columns.map(shortened);
  return fitting(rows, columns.toSpliced(last, 1), width);
}

function shortened<Row>(column: Column<Row>): Column<Row> {
  return column.short === undefined ? column : { ...column, value: column.short };
}

/** Takes what is too much from the columns that may shrink, the widest first. */
function shrunk<Row>(
  columns: readonly Column<Row>[],
  widths: readonly number[],
  limit: number | undefined,
): readonly number[] {
  const result = [...widths];
  if (limit === undefined) return result;
  const total = (): number => result.reduce((sum, width) => sum + width + GAP, -GAP);
  while (total() > limit) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      const width = result[index] ?? 0;
      if (column.canShrink === true && width > LEAST && width > (result[widest] ?? 0))
        widest = index;
    }
    if (widest === -1) return result;
    result[widest] = (result[widest] ?? 0) - 1;
  }
  return result;
}

function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const shown = cut(text, width);
  const space = ' '.repeat(Math.max(0, width - visibleWidth(shown)));
  return align === 'right' ? space + shown : shown + space;
}
