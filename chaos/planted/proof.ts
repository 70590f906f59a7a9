/** What it takes to say that a bug was caught: a failed run, the check that names it, an order, and its messages. */
import type { Bug } from './bugs.ts';
import { trailOf, type BrokenCheck, type Played, type Run } from './play.ts';

/** As of `wonderland scenario run`. */
const BROKEN = 10;
/** The last messages of the order that are told. */
const TRAIL = 3;

export interface Proof {
  readonly check: string;
  readonly order: string;
  readonly found: string;
  readonly trail: readonly string[];
}

export function brokenOf({ checks }: Run): BrokenCheck[] {
  return checks.filter(({ isMet }) => !isMet);
}

/** Undefined when anything of it is missing. */
export async function proofOf(
  { breaks }: Pick<Bug, 'breaks'>,
  { exitCode, runs }: Pick<Played, 'exitCode' | 'runs'>,
): Promise<Proof | undefined> {
  if (exitCode !== BROKEN) return undefined;
  for (const run of runs) {
    const check = brokenOf(run).find(({ name }) => name === breaks);
    if (check === undefined || run.recording == null) continue;
    for (const order of check.orders) {
      const trail = await trailOf(run.recording, order, TRAIL);
      if (trail.length > 0) return { check: check.name, order, found: check.found, trail };
    }
  }
  return undefined;
}

/** Bugs whose scenarios one command can play: no variable is pinned to two values. */
export function grouped(bugs: readonly Bug[]): Bug[][] {
  const groups: Bug[][] = [];
  for (const bug of bugs) {
    const fits = groups.find((group) => group.every((other) => !isInTheWay(other, bug)));
    if (fits === undefined) groups.push([bug]);
    else fits.push(bug);
  }
  return groups;
}

function isInTheWay({ variables: a = {} }: Bug, { variables: b = {} }: Bug): boolean {
  return Object.keys(a).some((name) => b[name] !== undefined && b[name] !== a[name]);
}

/** What is wrong with a run, for people. */
export function describeBroken(run: Run): string {
  const broken = brokenOf(run).map(
    ({ name, expected, found }) => `    ${name}: expected ${expected}; found ${found}`,
  );
  return [`  ${run.title} ${run.verdict}`, ...broken].join('\n');
}
