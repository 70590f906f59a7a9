/** What came of all crashes: a line for each point, the sum, and how the command ends. Times are until recovered. */
import type { StockWatch } from '../checks/stock-watch.ts';
import { EXIT, type ExitCode, type Ports } from '../command.ts';
import { describeViolations, percentile } from '../report.ts';
import type { Repeat } from './repeat.ts';
import type { CrashPoint } from './table.ts';

export type Results = ReadonlyMap<CrashPoint, readonly Repeat[]>;

/** Prints a line for each point as soon as it is done: the long form takes hours. */
export class Lines {
  readonly #print: Ports['print'];
  readonly #widths: readonly number[];

  constructor(points: readonly CrashPoint[], print: Ports['print']) {
    this.#print = print;
    const words = points.map(({ name, about }) => [name, about]);
    this.#widths = HEADER.map((title, column) =>
      Math.max(title.length, ...words.map((row) => row[column]?.length ?? 0)),
    );
    this.#line(HEADER);
  }

  add(point: CrashPoint, repeats: readonly Repeat[]): void {
    this.#line(rowOf(point, repeats));
  }

  #line(cells: readonly string[]): void {
    const padded = cells.map((cell, column) => {
      const width = this.#widths[column] ?? 0;
      return column < TEXTS ? cell.padEnd(width) : cell.padStart(width);
    });
    this.#print(padded.join('  '));
  }
}

const HEADER = ['killed at', 'which is', 'repeats', 'fired', 'p50 ms', 'max ms', 'violations'];
/** Columns that are words; the others are figures. */
const TEXTS = 2;

export function conclude(
  results: Results,
  watch: Pick<StockWatch, 'looks' | 'violations'>,
  print: Ports['print'],
): ExitCode {
  const all = [...results.values()].flat();
  const violations = [...all.flatMap((each) => each.violations), ...watch.violations];
  const unfired = all.filter(({ hasFired }) => !hasFired).length;
  print(
    `${all.length} crashes, ${unfired} of them never fired; the shelves were looked at ${watch.looks} times; ` +
      `${violations.length} violations`,
  );
  if (watch.violations.length > 0) print(describeViolations(watch.violations));
  if (violations.length > 0) return EXIT.violated;
  return unfired > 0 || watch.looks === 0 ? EXIT.inconclusive : EXIT.proven;
}

function rowOf(point: CrashPoint, repeated: readonly Repeat[]): string[] {
  const fired = repeated.filter(({ hasFired }) => hasFired);
  const times = fired.map(({ recoveredMs }) => recoveredMs);
  const figure = (share: number): string => percentile(times, share)?.toFixed(0) ?? '–';
  const violations = repeated.flatMap((each) => each.violations).length;
  return [
    point.name,
    point.about,
    String(repeated.length),
    String(fired.length),
    figure(50),
    figure(100),
    String(violations),
  ];
}
