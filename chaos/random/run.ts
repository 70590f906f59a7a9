/** Orders at a steady rate while random processes die; then everything must come to its end. */
import { liveClock as clock } from '../../src/kernel/live.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { judge } from '../checks/checker.ts';
import { untilEnded, untilLogged } from '../checks/ended.ts';
import { readEvidence } from '../checks/evidence.ts';
import { StockWatch } from '../checks/stock-watch.ts';
import type { ExitCode, Ports } from '../command.ts';
import { abortAfter } from '../limit.ts';
import { Customers } from '../load/customers.ts';
import { stockShelves, type Shelves } from '../load/shelves.ts';
import { letCustomersCome } from '../load/stream.ts';
import { startChaosStack, type ChaosStack, type ChaosStackOptions } from '../stack/chaos-stack.ts';
import { Visitor } from '../stack/visitor.ts';
import { killAround, type Kill, type Victim } from './killer.ts';
import { conclude } from './summary.ts';

const SCARCE_COPIES = 500;
const KILL_EVERY_MS = [2_000, 5_000] as const;
/** All orders must have ended this long after the last kill. */
export const ENDS_WITHIN_MS = 60_000;

const LOGGED_WITHIN_MS = 30_000;

export interface RandomRun {
  readonly minutes: number;
  /** Orders per second that are offered. */
  readonly rate: number;
  readonly seed: number;
  readonly stack: ChaosStackOptions;
  /** Names of those that are killed; all when absent. */
  readonly only?: readonly string[] | undefined;
  /** A broker of ours that is no part of the stack, and dies as well. */
  readonly broker?: Victim | undefined;
}

export async function runRandom(run: RandomRun, ports: Ports): Promise<ExitCode> {
  await using stack = await startChaosStack(run.stack);
  await using visitor = await Visitor.open(stack.place);
  const shelves = await stockShelves(visitor.rpc, SCARCE_COPIES);
  await using watch = new StockWatch(stack.place);
  const { customers, kills } = await sellAndKill({ run, stack, shelves }, ports.signal);
  const lastKill = kills.at(-1)?.at ?? clock.elapsed();
  const hasEnded = await untilEnded(stack.place, undefined, ENDS_WITHIN_MS);
  const endedAfterMs = hasEnded ? clock.elapsed() - lastKill : undefined;
  await untilLogged(stack.place, undefined, LOGGED_WITHIN_MS);
  const seen = await readEvidence(stack.place);
  const violations = [...judge(customers.placed, seen), ...watch.violations];
  return conclude({ customers, kills, seen, violations, looks: watch.looks, endedAfterMs }, ports);
}

interface Shop {
  readonly run: RandomRun;
  readonly stack: ChaosStack;
  readonly shelves: Shelves;
}

async function sellAndKill(
  { run, stack, shelves }: Shop,
  signal: AbortSignal,
): Promise<{ customers: Customers; kills: readonly Kill[] }> {
  const random = seededRandom(run.seed);
  const durationMs = run.minutes * 60_000;
  const closing = abortAfter(durationMs, signal);
  const patience = abortAfter(durationMs + ENDS_WITHIN_MS, signal);
  const customers = new Customers({ mediatorUrls: stack.place.mediatorUrls, patience });
  const selling = letCustomersCome({
    customers,
    shelves,
    random: random.stream('orders'),
    perSecond: run.rate,
    signal: closing,
  });
  const kills = await killAround({
    victims: victimsOf(run, stack),
    random: random.stream('kills'),
    everyMs: KILL_EVERY_MS,
    signal: closing,
  });
  await selling;
  return { customers, kills };
}

function victimsOf({ only, broker }: RandomRun, { parts }: ChaosStack): readonly Victim[] {
  const kept = [...parts].map(([name, part]) => ({ name, kill: async () => part.kill() }));
  const all = broker === undefined ? kept : [...kept, broker];
  return all.filter(({ name }) => only?.includes(name) ?? true);
}
