/** How a stack is, whether its supervisor lives, died or was never started. */
import type { Settings } from '../config/settings.ts';
import { UserError } from '../kernel/errors.ts';
import { serviceOf } from './instances.ts';
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
  if (state === 'crashed') throw crashedError(settings.stack);
  throw new UserError('stack-not-running', `The stack "${settings.stack}" is not running`, {
    hint: 'Start it with `wonderland up`.',
  });
}

/**
 * Why nobody answers where the stack's mediator should, as the stack itself knows it; undefined when it
 * does not run, or runs without a mediator of its own.
 */
export function explainSilence(
  settings: Pick<Settings, 'stateDir' | 'stack'>,
): UserError | undefined {
  const { stateDir, stack } = settings;
  const { state, parts } = truthOf(readState(filesOf(stateDir, stack)), stack);
  if (state === 'crashed') return crashedError(stack);
  const mediators = parts.filter(({ name }) => serviceOf(name) === 'mediator');
  const mediator = mediators.find((each) => each.state === 'ready') ?? mediators[0];
  if (mediator === undefined || state === 'stopped' || state === 'stopping') return undefined;
  if (state === 'starting') {
    return new UserError('stack-not-running', `The stack "${stack}" is still starting`, {
      hint: 'Try again in a moment; `wonderland wait` returns when it is ready.',
    });
  }
  const isComing = ['waiting', 'starting', 'backoff', 'held'].includes(mediator.state);
  const isOff = ['stopped', 'failed', 'paused'].includes(mediator.state);
  const what = isComing ? 'is being restarted' : isOff ? `is ${mediator.state}` : 'does not answer';
  return new UserError('part-failed', `The mediator of the stack "${stack}" ${what}`, {
    hint: isOff
      ? `Bring it back with \`wonderland ${mediator.state === 'paused' ? 'resume' : 'restart'} mediator\`.`
      : 'Try again in a moment; `wonderland wait mediator` returns when it is ready.',
    details: { part: 'mediator', state: mediator.state },
  });
}

function crashedError(stack: string): UserError {
  return new UserError('stack-crashed', `The stack "${stack}" has crashed`, {
    hint: 'Start it again with `wonderland up`; its data is kept.',
  });
}
