/** What came of all crashes: a line for each point, the sum, and how the command ends. */
import type { StockWatch } from '../checks/stock-watch.ts';
import { EXIT, type ExitCode, type Ports } from '../command.ts';
import { describeViolations, percentile, tableOf } from '../report.ts';
import type { Repeat } from './repeat.ts';
import type { CrashPoint } from './table.ts';

export type Results = ReadonlyMap<CrashPoint, readonly Repeat[]>;

const HEADER = [
  'killed at',
  'which is',
  'repeats',
  'fired',
  'recovered p50 ms',
  'max ms',
  'violations',
];

export function conclude(
  results: Results,
  watch: Pick<StockWatch, 'looks' | 'violations'>,
  print: Ports['print'],
): ExitCode {
  print(tableOf([HEADER, ...[...results].map(rowOf)]));
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

function rowOf([point, repeated]: readonly [CrashPoint, readonly Repeat[]]): string[] {
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
