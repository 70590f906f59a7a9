/** Control of a stack that runs under a supervisor of its own, over its socket. */
import type { Settings } from '../config/settings.ts';
import type { Clock } from '../kernel/clock.ts';
import { controlParts, healParts } from './part-control.ts';
import { requireRunningStack } from './read-status.ts';
import type { StackControl } from './stack-control.ts';
import { filesOf } from './stack-files.ts';
import { doorOverSocket } from './supervisor/door.ts';

export interface RunningStackOptions {
  readonly settings: Pick<Settings, 'stateDir' | 'stack'>;
  readonly clock: Clock;
}

/** Its servers can be taken down only where they are its own: an external stack has none. */
export function controlRunningStack({ settings, clock }: RunningStackOptions): StackControl {
  return controlParts({ door: doorOverSocket(filesOf(settings.stateDir, settings.stack)), clock });
}

/**
 * Ends everything that was done to parts on purpose, whoever did it, and waits until the stack is ready again.
 * Answers the names of the parts that were healed.
 * @throws UserError `stack-not-running`, `stack-crashed`, `not-ready`, `interrupted`
 */
export async function healStack(
  options: RunningStackOptions & { readonly signal?: AbortSignal },
): Promise<readonly string[]> {
  const { settings, clock, signal } = options;
  requireRunningStack(settings);
  const door = doorOverSocket(filesOf(settings.stateDir, settings.stack));
  return healParts({ door, clock }, signal);
}
