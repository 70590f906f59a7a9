/** Kills `scenario run` at random moments, and looks at what is left. */
import { liveClock as clock } from '../../src/kernel/live.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import type { CliRun } from '../../test/e2e/run-cli.ts';
import type { Healed, KillSite } from './site.ts';

export interface Moment {
  readonly signal: 'SIGINT' | 'SIGKILL';
  /** On a stack of its own, instead of the running one. */
  readonly isolated: boolean;
  /** From the start of the command, or from the moment at which the run began and faults are armed. */
  readonly from: 'start' | 'run';
  readonly afterMs: number;
}

export interface Trial {
  readonly moment: Moment;
  readonly ended: Pick<CliRun, 'code' | 'signal'>;
  /** What `scenario heal` had to do. */
  readonly healed: Healed;
  /** What was still wrong afterwards. */
  readonly remains: readonly string[];
}

/** All faults begin within this time after the run has. */
const PLAY_MS = 5_000;
const LOOK_EVERY_MS = 10;

/** How long the command takes until it has played something that does nothing, on this machine. */
export async function measureCalm(site: KillSite, isolated: boolean): Promise<number> {
  const from = clock.elapsed();
  const run = await site.cli(['scenario', 'run', 'calm.yaml', ...placeOf(isolated)]);
  if (run.code !== 0) throw new Error(`the calm scenario did not pass: ${run.stdout}${run.stderr}`);
  return clock.elapsed() - from;
}

/** Half of them SIGINT, half SIGKILL; every third on a stack of its own, every fourth before the run has begun. */
export function drawMoments(
  seed: number,
  count: number,
  calmMs: { readonly running: number; readonly isolated: number },
): readonly Moment[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const isolated = index % 3 === 2;
    const from = index % 4 === 3 ? 'start' : 'run';
    const longest = from === 'run' ? PLAY_MS : isolated ? calmMs.isolated : calmMs.running;
    const signal = index % 2 === 0 ? 'SIGKILL' : 'SIGINT';
    return { signal, isolated, from, afterMs: random.integer(0, Math.round(longest)) };
  });
}

export async function tryMoment(site: KillSite, moment: Moment): Promise<Trial> {
  const args = ['scenario', 'run', 'many-faults.yaml', ...placeOf(moment.isolated)];
  const before = site.recordings().length;
  const ended = await site.cli(args, {
    meanwhile: (child) => {
      const over = new AbortController();
      child.once('exit', () => over.abort());
      const hasBegun = (): boolean => moment.from === 'start' || site.recordings().length > before;
      void killAt({ moment, hasBegun, over: over.signal, kill: () => child.kill(moment.signal) });
    },
  });
  const healed = await site.heal();
  return { moment, ended, healed, remains: await site.remains() };
}

interface Killing {
  readonly moment: Moment;
  readonly hasBegun: () => boolean;
  readonly over: AbortSignal;
  readonly kill: () => boolean;
}

async function killAt({ moment, hasBegun, over, kill }: Killing): Promise<void> {
  while (!over.aborted && !hasBegun()) await clock.sleep(LOOK_EVERY_MS, over);
  await clock.sleep(moment.afterMs, over);
  if (!over.aborted) kill();
}

export function describeTrial({ moment, ended, healed, remains }: Trial): string {
  const { signal, isolated, from, afterMs } = moment;
  const done = Object.entries(healed)
    .filter(([, what]) => Array.isArray(what) && what.length > 0)
    .map(([name, what]) => `${(what as unknown[]).length} ${name}`);
  const outcome = remains.length === 0 ? 'clean' : `LEFT: ${remains.join('; ')}`;
  const how = ended.signal ?? `exit ${ended.code}`;
  return `${signal} ${afterMs} ms after the ${from}${isolated ? ', isolated' : ''}: ${how}; healed ${done.join(', ') || 'nothing'}; ${outcome}`;
}

/** It ended by the signal, or as whoever was interrupted in good order. */
export function isEndedBy({ moment, ended }: Trial): boolean {
  if (moment.signal === 'SIGKILL') return ended.signal === 'SIGKILL';
  return ended.code === 130 || ended.signal === 'SIGINT';
}

function placeOf(isolated: boolean): readonly string[] {
  return isolated ? ['--isolated'] : [];
}
