/** What happened to one order, line by line: the report's way to the cause. */
import type { Observations } from '../judge/observations.ts';

/** The order's entries of the saga log, with milliseconds since the run began. */
export function trailOf(seen: Observations, name: string): string[] {
  const order = seen.orders.find((each) => each.name === name);
  if (order?.detail === undefined) {
    return [`${name} was not accepted${order?.refusal === undefined ? '' : `: ${order.refusal}`}`];
  }
  const { timeline } = order.detail;
  const rows = timeline.map((entry) => [
    `${entry.at - seen.startedAt} ms`,
    entry.reason === undefined ? entry.event : `${entry.event} (${entry.reason})`,
    entry.status,
    entry.issued.length === 0 ? '' : `→ ${entry.issued.join(', ')}`,
  ]);
  return [headingOf(seen, name), ...aligned(rows)];
}

/** `What happened to o1 (0198…):`. */
export function headingOf(seen: Observations, name: string): string {
  const id = seen.orders.find((each) => each.name === name)?.detail?.id;
  return `What happened to ${name}${id === undefined ? '' : ` (${id})`}:`;
}

/** Columns of equal width; the first one, a time, aligned to its end. */
export function aligned(rows: ReadonlyArray<readonly string[]>): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
