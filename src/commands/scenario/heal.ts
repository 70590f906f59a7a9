/** Undoes whatever scenarios did to a stack, and removes what killed commands left of them. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { RUNS_DIRECTORY } from '../../contracts/passages.ts';
import { messageOf, UserError } from '../../kernel/errors.ts';
import { plural } from '../../scenario/report/wording.ts';
import type { HealedLeftover } from '../../stack/leftovers.ts';
import { findRunningStack, requireRunningStack } from '../../stack/read-status.ts';
import type { Endpoints } from '../../stack/stack-status.ts';
import type { CommandContext } from '../context.ts';
import { runsBeingPlayed } from './recordings.ts';

export interface Healing {
  /** The running stack; null when none runs. */
  readonly stack: string | null;
  /** Parts that were frozen, down or cut off, and are back. */
  readonly parts: readonly string[];
  /** Ids of the faults that were disarmed. */
  readonly faults: readonly string[];
  /** Clocks that were wrong and are set right, by part. */
  readonly clocks: readonly string[];
  /** Runs of killed commands that the parts need not write down any more. */
  readonly runs: readonly string[];
  /** Stacks of killed commands that were removed. */
  readonly leftovers: readonly HealedLeftover[];
}

/**
 * Doing nothing is fine: it says so.
 * @throws UserError `stack-not-running` for a named stack that is not up; `not-ready` when a part stays away;
 * `environment` when something cannot be removed.
 */
export async function runScenarioHeal(context: CommandContext): Promise<void> {
  const { output } = context;
  const settings = await context.settings();
  const isNamed = context.globals.stack !== undefined;
  const endpoints = isNamed ? requireRunningStack(settings) : findRunningStack(settings);
  using progress = await output.progress();
  progress.update('looking for what killed commands left');
  const { healLeftovers } = await import('../../stack/leftovers.ts');
  const leftovers = await healLeftovers(settings.stateDir, context.clock);
  const stack = endpoints === undefined ? null : settings.stack;
  const { parts, faults, clocks } = await healRunning(endpoints, context, (text) =>
    progress.update(text),
  );
  const runs = endpoints === undefined ? [] : await removeDeadRuns(endpoints, context);
  progress.stop();
  const healing: Healing = { stack, parts, faults, clocks, runs, leftovers };
  requireHealed(healing);
  output.result(healing, () => describe(healing).join('\n'));
  if (stack === null)
    output.hint(`The stack "${settings.stack}" is not running: nothing to undo there.`);
}

type OnStack = Pick<Healing, 'parts' | 'faults' | 'clocks'>;

/** Parts first: one that is frozen hears of nothing. */
async function healRunning(
  endpoints: Endpoints | undefined,
  context: CommandContext,
  update: (text: string) => void,
): Promise<OnStack> {
  if (endpoints === undefined) return { parts: [], faults: [], clocks: [] };
  const { clock, signal } = context;
  const settings = await context.settings();
  const playing = await runsBeingPlayed(settings.stateDir);
  for (const [run, { pid }] of playing) {
    context.output.warn(
      `the run ${run} is being played by process ${pid}: its faults are undone, too`,
    );
  }
  update('bringing every part back');
  const { healStack } = await import('../../stack/running-control.ts');
  const parts = await healStack({ settings, clock, signal });
  update('disarming every fault');
  const { openFaults } = await import('../fault/connection.ts');
  await using open = await openFaults(context);
  const { control } = open;
  const before = await control.list();
  const { missing } = await control.clear({});
  const deaf = before.parts.length === 0 ? [] : missing;
  if (deaf.length > 0) {
    throw new UserError(
      'part-failed',
      `${deaf.join(', ')} did not confirm that its faults are gone`,
      {
        hint: 'Cut off parts come back by themselves. Try again, and see: wonderland ps',
      },
    );
  }
  return {
    parts,
    faults: [...new Set(before.parts.flatMap((part) => part.faults.map(({ fault }) => fault.id)))],
    clocks: before.parts.filter(({ skewMs }) => skewMs !== undefined).map(({ service }) => service),
  };
}

/** A folder tells the parts to write down a run: nobody reads those of commands that are gone. */
async function removeDeadRuns(
  { dataDir }: Endpoints,
  { settings }: Pick<CommandContext, 'settings'>,
): Promise<readonly string[]> {
  const folder = path.join(dataDir, RUNS_DIRECTORY);
  const names = await readdir(folder).catch(() => []);
  const playing = await runsBeingPlayed((await settings()).stateDir);
  const dead = names.filter((name) => !playing.has(name));
  for (const name of dead) {
    await rm(path.join(folder, name), { recursive: true, force: true, maxRetries: 3 }).catch(
      (cause: unknown) => {
        throw new UserError(
          'environment',
          `${path.join(folder, name)} cannot be removed: ${messageOf(cause)}`,
          {
            cause,
          },
        );
      },
    );
  }
  return dead;
}

function requireHealed(healing: Healing): void {
  const stuck = healing.leftovers.find(({ trouble }) => trouble !== undefined);
  if (stuck === undefined) return;
  throw new UserError('environment', `${stuck.directory} is still there: ${stuck.trouble}`, {
    hint: 'It is tried again the next time: wonderland scenario heal',
    details: { ...healing },
  });
}

function describe({ stack, parts, faults, clocks, runs, leftovers }: Healing): string[] {
  const done = [
    ...(parts.length > 0 ? [`brought back: ${parts.join(', ')}`] : []),
    ...(faults.length > 0
      ? [`disarmed ${plural(faults.length, 'fault')}: ${faults.join(', ')}`]
      : []),
    ...(clocks.length > 0 ? [`set the clock right: ${clocks.join(', ')}`] : []),
    ...(runs.length > 0
      ? [`removed what parts wrote down of ${plural(runs.length, 'dead run')}`]
      : []),
    ...leftovers.map(({ directory, pids }) => {
      const killed = pids.length === 0 ? '' : `, killed ${pids.length} of its processes`;
      return `removed a stack that a killed command left in ${directory}${killed}`;
    }),
  ];
  const where = stack === null ? '' : ` The stack "${stack}" is ready.`;
  return done.length === 0
    ? [`✔ Nothing to heal.${where}`]
    : [
        ...done.map((line) => `✔ ${line}`),
        ...(stack === null ? [] : [`✔ the stack "${stack}" is ready`]),
      ];
}
