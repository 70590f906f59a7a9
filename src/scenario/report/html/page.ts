/** The report of several runs as one file of HTML. */
import type { Reported } from '../reported-run.ts';

export function htmlReport(runs: readonly Reported[]): string {
  return `${runs.length}`;
}
