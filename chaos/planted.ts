/**
 * Ten bugs, planted one at a time: the scenarios of the library must fail with them, and pass without.
 *
 *   npm run chaos:planted                    all; ends with 0 when each was caught, 10 when one was not
 *   npm run chaos:planted -- --bug no-void   one of them, with all that its scenario says
 *   npm run chaos:planted -- --library       every scenario of the library with each bug: which ones find it
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { formatDuration } from '../src/kernel/durations.ts';
import { EXIT, readFlags, runCommand, type Ports } from './command.ts';
import { BUGS, type Bug } from './planted/bugs.ts';
import { playScenarios, trailOf, type BrokenCheck, type Run } from './planted/play.ts';

const flags = readFlags({
  bug: { type: 'string' },
  library: { type: 'boolean', default: false },
});
const chosen = BUGS.filter(({ name }) => flags.bug === undefined || flags.bug === name);

/** As of `wonderland scenario run`. */
const BROKEN = 10;
const TRAIL = 3;

interface Shop extends Ports {
  readonly stateDir: string;
}

/** Bugs whose scenarios can be played by one command: nothing is pinned to two values. */
function grouped(bugs: readonly Bug[]): Bug[][] {
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

/** The same scenarios without a bug. */
async function passesWithout(shop: Shop): Promise<boolean> {
  let hasPassed = true;
  for (const bugs of grouped(chosen)) {
    const { exitCode, runs, tookMs } = await playScenarios({ ...shop, scenarios: bugs });
    const bad = runs.filter(({ verdict }) => verdict !== 'passed');
    shop.print(`without a bug: ${runs.length} runs, exit ${exitCode}, ${formatDuration(tookMs)}`);
    for (const run of bad) shop.print(brokenText(run));
    hasPassed &&= exitCode === EXIT.proven && runs.length > 0 && bad.length === 0;
  }
  return hasPassed;
}

function brokenOf({ checks }: Run): BrokenCheck[] {
  return checks.filter(({ isMet }) => !isMet);
}

function brokenText(run: Run): string {
  const broken = brokenOf(run).map(
    ({ name, expected, found }) => `    ${name}: expected ${expected}; found ${found}`,
  );
  return [`  ${run.title} ${run.verdict}`, ...broken].join('\n');
}

/** What a scenario says of a bug; undefined when it does not say enough. */
async function proofIn(run: Run, { breaks }: Bug): Promise<string | undefined> {
  const check = brokenOf(run).find(({ name }) => name === breaks);
  const [order] = check?.orders ?? [];
  if (check === undefined || order === undefined || run.recording == null) return undefined;
  const trail = await trailOf(run.recording, order, TRAIL);
  if (trail.length === 0) return undefined;
  return `${check.name}, order ${order}: ${check.found} (last: ${trail.join(', ')})`;
}

async function isCaught(bug: Bug, shop: Shop): Promise<boolean> {
  const { exitCode, runs, tookMs } = await playScenarios({ ...shop, scenarios: [bug], bug });
  const proofs = await Promise.all(runs.map((run) => proofIn(run, bug)));
  const proof = proofs.find((each) => each !== undefined);
  const isProven = exitCode === BROKEN && proof !== undefined;
  const end = isProven ? 'caught' : `NOT CAUGHT (exit ${exitCode})`;
  shop.print(`${bug.name}, a shop that ${bug.about}:`);
  shop.print(`  ${end} by ${bug.scenario} in ${formatDuration(tookMs)}: ${proof ?? bug.breaks}`);
  if (!isProven || flags.bug !== undefined) for (const run of runs) shop.print(brokenText(run));
  return isProven;
}

/** Every scenario with one bug: a table of what finds it. */
async function searchLibrary(bug: Bug, shop: Shop): Promise<boolean> {
  const { runs, tookMs } = await playScenarios({ ...shop, scenarios: [], bug });
  const failed = runs.filter(({ verdict }) => verdict === 'failed');
  const name = bug.name;
  shop.print(`${name}: ${failed.length} of ${runs.length} runs fail, ${formatDuration(tookMs)}`);
  for (const run of failed) {
    const checks = brokenOf(run).map((check) => check.name);
    shop.print(`  ${run.title}: ${checks.join(', ')}`);
  }
  return failed.length > 0;
}

await runCommand(async (ports) => {
  if (chosen.length === 0) throw new Error(`there is no bug "${flags.bug}"`);
  const stateDir = await mkdtemp(path.join(tmpdir(), 'wonderland-planted-'));
  try {
    const shop = { ...ports, stateDir };
    ports.print(`${chosen.length} bugs`);
    const isRight = flags.library || (await passesWithout(shop));
    let caught = 0;
    for (const bug of chosen) {
      if (ports.signal.aborted) break;
      const isFound = flags.library ? searchLibrary(bug, shop) : isCaught(bug, shop);
      if (await isFound) caught++;
    }
    ports.print(`${caught} of ${chosen.length} bugs were caught`);
    return isRight && caught === chosen.length ? EXIT.proven : EXIT.violated;
  } finally {
    await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
  }
});
