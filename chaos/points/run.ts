/** All chosen crashes, one after another, in one shop. */
import { seededRandom } from '../../src/kernel/random.ts';
import { StockWatch } from '../checks/stock-watch.ts';
import type { ExitCode, Ports } from '../command.ts';
import { stockShelves } from '../load/shelves.ts';
import { describeViolations } from '../report.ts';
import { startChaosStack, type ChaosStackOptions } from '../stack/chaos-stack.ts';
import { Visitor } from '../stack/visitor.ts';
import { crashOnce, type Repeat } from './repeat.ts';
import type { Site } from './site.ts';
import { conclude, Lines, type Results } from './summary.ts';
import type { CrashPoint } from './table.ts';

/** Of each scarce book: enough for the first orders only. */
const SCARCE_COPIES = 10;

export interface PointsRun {
  readonly points: readonly CrashPoint[];
  /** Crashes at each point. */
  readonly repeats: number;
  readonly seed: number;
  readonly stack: ChaosStackOptions;
}

export async function runPoints(run: PointsRun, ports: Ports): Promise<ExitCode> {
  await using stack = await startChaosStack(run.stack);
  await using visitor = await Visitor.open(stack.place);
  const shelves = await stockShelves(visitor.rpc, SCARCE_COPIES);
  const site = { stack, visitor, shelves, random: seededRandom(run.seed) };
  const { results, watch } = await crashWatched(site, run, ports);
  return conclude(results, watch, ports.print);
}

/** With somebody looking at the shelves all the time. */
async function crashWatched(site: Site, run: PointsRun, ports: Ports) {
  await using watch = new StockWatch(site.stack.place);
  return { results: await crashAll(site, run, ports), watch };
}

async function crashAll(site: Site, run: PointsRun, ports: Ports): Promise<Results> {
  const results = new Map<CrashPoint, Repeat[]>();
  const lines = new Lines(run.points, ports.print);
  for (const point of run.points) {
    if (ports.signal.aborted) break;
    const done: Repeat[] = [];
    while (done.length < run.repeats && !ports.signal.aborted) {
      done.push(await crashAndTell(site, point, ports));
    }
    results.set(point, done);
    lines.add(point, done);
  }
  return results;
}

async function crashAndTell(site: Site, point: CrashPoint, { print }: Ports): Promise<Repeat> {
  const repeat = await crashOnce(site, point);
  if (!repeat.hasFired) print(`${point.name}: the crash did not come about`);
  if (repeat.violations.length > 0)
    print(`${point.name}:\n${describeViolations(repeat.violations)}`);
  return repeat;
}
