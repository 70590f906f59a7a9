/** Control of a stack that runs under a supervisor of its own, over its socket. */
import type { Settings } from '../config/settings.ts';
import type { Clock } from '../kernel/clock.ts';
import { controlParts, healParts } from './part-control.ts';
import { requireRunningStack } from './read-status.ts';
import type { StackControl } from './stack-control.ts';
import { filesOf } from './stack-files.ts';
import type { Engine } from './stack-status.ts';
import { doorOverSocket, type SupervisorDoor } from './supervisor/door.ts';

type Named = Pick<Settings, 'stateDir' | 'stack'>;

export interface RunningControl {
  readonly control: StackControl;
  readonly engine: Engine;
}

/**
 * Servers can be taken down only where they are the stack's own: an external one has none.
 * @throws UserError `stack-not-running`, `stack-crashed`
 */
export async function controlRunningStack(settings: Named, clock: Clock): Promise<RunningControl> {
  const door = openDoor(settings);
  const { engine } = await door.status();
  return { control: controlParts({ door, clock }), engine };
}

export interface HealOptions {
  readonly settings: Named;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Ends everything that was done to parts on purpose, whoever did it, and waits until the stack is ready again.
 * Answers the names of the parts that were healed.
 * @throws UserError `stack-not-running`, `stack-crashed`, `not-ready`, `interrupted`
 */
export async function healStack(options: HealOptions): Promise<readonly string[]> {
  const { settings, clock, signal } = options;
  return healParts({ door: openDoor(settings), clock }, signal);
}

function openDoor(settings: Named): SupervisorDoor {
  requireRunningStack(settings);
  return doorOverSocket(filesOf(settings.stateDir, settings.stack));
}
