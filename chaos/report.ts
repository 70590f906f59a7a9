/** How findings are printed: tables with aligned columns, and each violation with what to look at. */
import { CHECKS, type Violation } from './checks/violation.ts';

/** More of one kind say nothing new. */
const MAX_LINES = 30;

export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          // Names on the left, figures on the right.
          return /^[\d–]/.test(cell) ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One line for each violation, with what it breaks and where to look. */
export function describeViolations(violations: readonly Violation[]): string {
  const lines = violations.slice(0, MAX_LINES).map(({ check, orderId, problem, look }) => {
    const who = orderId === undefined ? '' : `order ${orderId}: `;
    return `  ${check}: ${who}${problem}\n      (${CHECKS[check]}; look at ${look})`;
  });
  const more = violations.length - lines.length;
  return [...lines, ...(more > 0 ? [`  … and ${more} more`] : [])].join('\n');
}

export function percentile(numbers: readonly number[], share: number): number | undefined {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))];
}
