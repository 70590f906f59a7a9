/** A run that was recorded: its plan, and everything that happened, line by line. */
import type { Plan } from '../plan.ts';
import type { Line, PassageLine, RunLine } from './lines.ts';

export interface Recording {
  readonly run: RunLine;
  /** Made again from the text, the variables, the cell and the seed. */
  readonly plan: Plan;
  /** All lines, the first one included. */
  readonly lines: readonly Line[];
  /** What is wrong with the recording itself, for people; empty when it is whole. */
  readonly flaws: readonly string[];
}

export type LineOf<Kind extends Line['kind']> = Extract<Line, { readonly kind: Kind }>;

/** All lines of one kind. */
export function linesOf<Kind extends Line['kind']>(
  lines: readonly Line[],
  kind: Kind,
): Array<LineOf<Kind>> {
  return lines.filter((line): line is LineOf<Kind> => line.kind === kind);
}

/** The messages at their points, in the order of time; of one part, in the order in which it wrote them. */
export function passagesOf(lines: readonly Line[]): PassageLine[] {
  return linesOf(lines, 'passage').toSorted(
    (a, b) => a.atMs - b.atMs || (a.instance === b.instance ? a.seq - b.seq : 0),
  );
}

/** How long the run took, milliseconds; the last thing known of one that has no end. */
export function durationOf({ lines }: Pick<Recording, 'lines'>): number {
  const end = linesOf(lines, 'end').at(-1);
  if (end !== undefined) return end.atMs;
  return lines.reduce((last, line) => ('atMs' in line ? Math.max(last, line.atMs) : last), 0);
}
