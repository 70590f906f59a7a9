/** Plays several plans on live stacks, each in a world of its own; what takes a stack apart has it for itself. */
import { ClosingStack } from '../kernel/closing.ts';
import { WonderlandError } from '../kernel/errors.ts';
import { inLanes } from './lanes.ts';
import { openConnection, type Connection, type ConnectionOptions } from './live/connection.ts';
import { openLiveStage } from './live/live-stage.ts';
import type { LineSink } from './live/recorder.ts';
import type { Site } from './live/site.ts';
import { isDisruptive, type Plan } from './plan.ts';
import { play, type Play } from './play.ts';
import type { Line } from './recording/lines.ts';
import { SharedOrAlone } from './shared-or-alone.ts';

export interface RunScenariosOptions extends Omit<ConnectionOptions, 'address'> {
  readonly plans: readonly Plan[];
  /** Stop at the first that does not pass. */
  readonly failFast: boolean;
  /** Plays at the same time. */
  readonly parallel: number;
  /** The program, for the recordings. */
  readonly version: string;
  /** A stack with at least so many mediators; asked for once per number. */
  readonly openSite: (mediators: number) => Promise<Site>;
  /** Where the recording of a run goes. */
  readonly openSink: (run: string) => Promise<LineSink & AsyncDisposable>;
  readonly onBegin: (plan: Plan) => void;
  readonly onEnd: (result: RunResult) => void;
}

/** A run that came to a verdict. */
export interface ScenarioRun {
  readonly plan: Plan;
  readonly play: Play;
  /** The run's id on the stack, which names its recording. */
  readonly run: string;
  readonly lines: readonly Line[];
  readonly site: Site['kind'];
}

/** What became of one plan: a verdict, or what kept it from being judged at all. */
export type RunResult = ScenarioRun | { readonly plan: Plan; readonly error: WonderlandError };

export function isPlayed(result: RunResult): result is ScenarioRun {
  return 'play' in result;
}

/**
 * In order of the plans; those that were not begun after a failure are left out.
 * @throws AbortError when the signal aborts; what keeps a stack from being started.
 */
export async function runScenarios(options: RunScenariosOptions): Promise<RunResult[]> {
  await using sites = new Sites(options);
  const results: Array<RunResult | undefined> = options.plans.map(() => undefined);
  let hasFailed = false;
  await inLanes(options.plans, options.parallel, async (plan, index) => {
    options.signal.throwIfAborted();
    if (options.failFast && hasFailed) return;
    const place = await sites.find(plan.mediators);
    await place.lock.with(isDisruptive(plan) ? 'alone' : 'shared', async () => {
      options.onBegin(plan);
      const result = await runOne(options, place, plan);
      hasFailed ||= !isPlayed(result) || result.play.verdict !== 'passed';
      results[index] = result;
      options.onEnd(result);
    });
  });
  return results.filter((each) => each !== undefined);
}

async function runOne(
  options: RunScenariosOptions,
  { site, connection }: OpenPlace,
  plan: Plan,
): Promise<RunResult> {
  const { signal, openSink, version } = options;
  try {
    await using stage = await openLiveStage({
      connection,
      control: site.control,
      dataDir: site.address.dataDir,
      plan,
      place: { stack: site.kind, engine: site.engine, version },
      openSink,
    });
    const played = await play(plan, stage, signal);
    return { plan, play: played, run: stage.run, lines: stage.lines, site: site.kind };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof WonderlandError)) throw error;
    return { plan, error };
  }
}

interface OpenPlace {
  readonly site: Site;
  readonly connection: Connection;
  /** Runs that disturb nobody run side by side; one that takes parts away runs alone. */
  readonly lock: SharedOrAlone;
}

/** The stacks of a command, each opened when it is needed first. */
class Sites implements AsyncDisposable {
  readonly #options: RunScenariosOptions;
  readonly #closing = new ClosingStack();
  readonly #places = new Map<number, Promise<OpenPlace>>();

  constructor(options: RunScenariosOptions) {
    this.#options = options;
  }

  find(mediators: number): Promise<OpenPlace> {
    const known = this.#places.get(mediators) ?? this.#open(mediators);
    this.#places.set(mediators, known);
    return known;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#places.values());
    await this.#closing[Symbol.asyncDispose]();
  }

  async #open(mediators: number): Promise<OpenPlace> {
    const { openSite, clock, ids, random, signal } = this.#options;
    const site = this.#closing.use(await openSite(mediators));
    const { address } = site;
    const connection = this.#closing.use(
      await openConnection({ address, clock, ids, random, signal }),
    );
    return { site, connection, lock: new SharedOrAlone() };
  }
}
