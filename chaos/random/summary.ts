/** The totals of a random run, and how the command ends. */
import type { Evidence } from '../checks/evidence.ts';
import type { Violation } from '../checks/violation.ts';
import { EXIT, type ExitCode, type Ports } from '../command.ts';
import type { Customers } from '../load/customers.ts';
import { describeViolations, tableOf } from '../report.ts';
import type { Kill } from './killer.ts';

export interface Outcome {
  readonly customers: Customers;
  readonly kills: readonly Kill[];
  readonly seen: Evidence;
  readonly violations: readonly Violation[];
  /** At the shelves, while it ran. */
  readonly looks: number;
  /** From the last kill until no order was open; absent when some still were. */
  readonly endedAfterMs: number | undefined;
}

export function conclude(outcome: Outcome, { print }: Pick<Ports, 'print'>): ExitCode {
  const { customers, kills, seen, violations, looks, endedAfterMs } = outcome;
  const { placed } = customers;
  const again = placed.filter(({ requests }) => requests > 1).length;
  const accepted = placed.filter((each) => each.accepted !== undefined).length;
  const rows = [
    ['orders offered', String(placed.length)],
    ['accepted', String(accepted)],
    ['gave up asking', String(placed.length - accepted)],
    ['asked more than once', String(again)],
    ...[...countBy(seen.sagas.map(({ status }) => status))].map(([status, count]) => [
      `ended ${status}`,
      String(count),
    ]),
    ...[...countBy(kills.map(({ name }) => name))].map(([name, count]) => [
      `killed ${name}`,
      String(count),
    ]),
    ['kills', String(kills.length)],
    ['looks at the shelves', String(looks)],
    ['ms from the last kill to the last end', endedAfterMs?.toFixed(0) ?? '– (not all ended)'],
    ['violations', String(violations.length)],
    ...[...countBy(violations.map(({ check }) => check))].map(([check, count]) => [
      `violated ${check}`,
      String(count),
    ]),
  ];
  print(tableOf(rows));
  for (const [answer, count] of customers.troubles) print(`answered ${count} times: ${answer}`);
  if (violations.length > 0) print(describeViolations(violations));
  if (violations.length > 0 || endedAfterMs === undefined) return EXIT.violated;
  const isProof = kills.length > 0 && looks > 0 && accepted > placed.length / 2;
  return isProof ? EXIT.proven : EXIT.inconclusive;
}

function countBy(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words.toSorted()) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
