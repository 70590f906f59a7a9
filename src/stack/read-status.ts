/** How a stack is, whether its supervisor lives, died or was never started. */
import type { Settings } from '../config/settings.ts';
import { UserError } from '../kernel/errors.ts';
import { filesOf } from './stack-files.ts';
import type { Endpoints, StackStatus } from './stack-status.ts';
import { readState, truthOf } from './state-file.ts';
import { callSupervisor } from './supervisor/socket-client.ts';

export interface StatusOptions {
  readonly stateDir: string;
  readonly name: string;
  /** Ask the mediator for the health of each part, too. */
  readonly probe?: boolean;
}

/** Never starts or changes anything. */
export async function readStatus({ stateDir, name, probe }: StatusOptions): Promise<StackStatus> {
  const files = filesOf(stateDir, name);
  const known = truthOf(readState(files), name);
  if (known.state === 'stopped' || known.state === 'crashed') return known;
  try {
    const answer = await callSupervisor(files, { do: 'status', probe: probe === true });
    return answer.status ?? known;
  } catch {
    // It is just beginning, just ending, or hangs: what it wrote last is all there is.
    return truthOf(readState(files), name);
  }
}

/** Where a running stack answers, from its files alone; undefined when it does not run. */
export function findRunningStack(
  settings: Pick<Settings, 'stateDir' | 'stack'>,
): Endpoints | undefined {
  const known = truthOf(readState(filesOf(settings.stateDir, settings.stack)), settings.stack);
  return known.state === 'running' || known.state === 'starting' ? known.endpoints : undefined;
}

/** @throws UserError `stack-not-running` or `stack-crashed` with the way out. */
export function requireRunningStack(settings: Pick<Settings, 'stateDir' | 'stack'>): Endpoints {
  const endpoints = findRunningStack(settings);
  if (endpoints !== undefined) return endpoints;
  const { state } = truthOf(readState(filesOf(settings.stateDir, settings.stack)), settings.stack);
  if (state === 'crashed') {
    throw new UserError('stack-crashed', `The stack "${settings.stack}" crashed`, {
      hint: 'Start it again with `wonderland up`; its data is kept.',
    });
  }
  throw new UserError('stack-not-running', `The stack "${settings.stack}" is not running`, {
    hint: 'Start it with `wonderland up`.',
  });
}
