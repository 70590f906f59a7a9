/**
 * Ten bugs, planted one at a time: scenarios of the library must fail with them, and pass without.
 *
 *   npm run chaos:planted                    all; ends with 0 when each was caught, 10 when one was not
 *   npm run chaos:planted -- --bug no-void   one of them, with all that its scenario says
 *   npm run chaos:planted -- --library       every scenario with each bug: which ones find it (an hour)
 *   npm run chaos:planted -- --parallel 1    one stack at a time, instead of four
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { formatDuration } from '../src/kernel/durations.ts';
import { inLanes } from '../src/scenario/lanes.ts';
import { EXIT, readFlags, runCommand, type Ports } from './command.ts';
import { BUGS, type Bug } from './planted/bugs.ts';
import { playScenarios } from './planted/play.ts';
import { brokenOf, describeBroken, grouped, proofOf } from './planted/proof.ts';

const flags = readFlags({
  bug: { type: 'string' },
  library: { type: 'boolean', default: false },
  parallel: { type: 'string', default: '4' },
});
const chosen = BUGS.filter(({ name }) => flags.bug === undefined || flags.bug === name);
const NAME_WIDTH = Math.max(...BUGS.map(({ name }) => name.length));

interface Shop extends Ports {
  readonly stateDir: string;
}

/** Answers whether what was tried came out as it must. */
type Trial = (shop: Shop) => Promise<boolean>;

/** The same scenarios without a bug. */
function healthy(bugs: readonly Bug[]): Trial {
  return async (shop) => {
    const { exitCode, runs, tookMs } = await playScenarios({ ...shop, scenarios: bugs });
    const passed = runs.filter(({ verdict }) => verdict === 'passed');
    const how = `${passed.length} of ${runs.length} runs pass, exit ${exitCode}`;
    shop.print(`${'no bug'.padEnd(NAME_WIDTH)}  ${how}  (${formatDuration(tookMs)})`);
    for (const run of runs) if (run.verdict !== 'passed') shop.print(describeBroken(run));
    return exitCode === EXIT.proven && passed.length === bugs.length;
  };
}

function withBug(bug: Bug): Trial {
  return async (shop) => {
    const played = await playScenarios({ ...shop, scenarios: [bug], bug });
    const proof = await proofOf(bug, played);
    const name = bug.name.padEnd(NAME_WIDTH);
    const took = formatDuration(played.tookMs);
    if (proof === undefined) {
      shop.print(`${name}  NOT CAUGHT by ${bug.scenario}, exit ${played.exitCode}  (${took})`);
      shop.print(`  a shop that ${bug.about} must break ${bug.breaks}`);
    } else {
      const { check, order, found, trail } = proof;
      shop.print(`${name}  ${bug.scenario}: ${check}, order ${order}  (${took})`);
      shop.print(`  a shop that ${bug.about}`);
      shop.print(`  ${found}`);
      shop.print(`  last messages: ${trail.join(' · ')}`);
    }
    const isTold = proof === undefined || flags.bug !== undefined;
    if (isTold) for (const run of played.runs) shop.print(describeBroken(run));
    return proof !== undefined;
  };
}

/** Every scenario with one bug. */
function withLibrary(bug: Bug): Trial {
  return async (shop) => {
    const { runs, tookMs } = await playScenarios({ ...shop, scenarios: [], bug });
    const failed = runs.filter(({ verdict }) => verdict === 'failed');
    const how = `${failed.length} of ${runs.length} runs fail`;
    const told = failed.map((run) => {
      const checks = brokenOf(run).map(({ name }) => name);
      return `  ${run.title}: ${checks.join(', ')}`;
    });
    shop.print([`${bug.name}: ${how}  (${formatDuration(tookMs)})`, ...told].join('\n'));
    return failed.length > 0;
  };
}

await runCommand(async (ports) => {
  if (chosen.length === 0) throw new Error(`there is no bug "${flags.bug}"`);
  const stateDir = await mkdtemp(path.join(tmpdir(), 'wonderland-planted-'));
  try {
    const trials = flags.library
      ? chosen.map(withLibrary)
      : [...grouped(chosen).map(healthy), ...chosen.map(withBug)];
    ports.print(`${chosen.length} bugs`);
    let wrong = 0;
    await inLanes(trials, Number(flags.parallel), async (trial) => {
      if (ports.signal.aborted) return;
      if (!(await trial({ ...ports, stateDir }))) wrong++;
    });
    ports.print(wrong === 0 ? 'each was caught' : `${wrong} of ${trials.length} trials went wrong`);
    return wrong === 0 ? EXIT.proven : EXIT.violated;
  } finally {
    await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
  }
});
