/** Plays several plans on one live stack, one after the other, each in a world of its own. */
import { openConnection, type ConnectionOptions } from './live/connection.ts';
import { openLiveStage } from './live/live-stage.ts';
import { play, type Play } from './play.ts';
import type { Plan } from './plan.ts';

export interface RunScenariosOptions extends ConnectionOptions {
  readonly plans: readonly Plan[];
  /** Stop at the first that does not pass. */
  readonly failFast: boolean;
  readonly onBegin: (plan: Plan) => void;
  readonly onEnd: (run: ScenarioRun) => void;
}

export interface ScenarioRun {
  readonly plan: Plan;
  readonly play: Play;
}

/** @throws AbortError when the signal aborts; whatever keeps a run from being judged at all. */
export async function runScenarios(options: RunScenariosOptions): Promise<ScenarioRun[]> {
  await using connection = await openConnection(options);
  const runs: ScenarioRun[] = [];
  for (const plan of options.plans) {
    options.onBegin(plan);
    await using stage = await openLiveStage(connection, plan);
    const run = { plan, play: await play(plan, stage, options.signal) };
    runs.push(run);
    options.onEnd(run);
    if (options.failFast && run.play.verdict !== 'passed') break;
  }
  return runs;
}
