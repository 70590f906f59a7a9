/** Waits until a stack that was treated badly is truly ready again. */
import type { Clock } from '../kernel/clock.ts';
import { UserError } from '../kernel/errors.ts';
import { isReady, type PartStatus, type StackStatus } from './stack-status.ts';
import type { SupervisorDoor } from './supervisor/door.ts';

export interface HealingOptions {
  readonly door: SupervisorDoor;
  /** Does everything flow to the servers again? */
  readonly areOpen: () => boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

const LIMIT_MS = 60_000;
const POLL_MS = 100;
/** A part that crashed for want of a server need not wait out its pause once the server is back. */
const NUDGE_EVERY_MS = 1_000;

/** @throws UserError `not-ready`, `interrupted`, `stack-not-running` */
export async function untilHealed({ door, areOpen, clock, signal }: HealingOptions): Promise<void> {
  const begin = clock.elapsed();
  let nudgeAt = begin + NUDGE_EVERY_MS;
  for (;;) {
    const status = await door.inspect();
    if (isReady(status) && areOpen()) return;
    if (signal?.aborted === true) throw new UserError('interrupted', 'Stopped.');
    requireHope(status);
    const now = clock.elapsed();
    if (now - begin >= LIMIT_MS) throw notReady(status);
    if (now >= nudgeAt && isOnlyWaiting(status)) {
      await door.heal();
      nudgeAt = now + NUDGE_EVERY_MS;
    }
    await clock.sleep(POLL_MS, signal);
  }
}

function isOnlyWaiting({ parts }: StackStatus): boolean {
  return parts.every(({ state }) => state === 'ready' || state === 'backoff');
}

/** What somebody took down without an end is not ours to bring back. */
function requireHope(status: StackStatus): void {
  if (status.state === 'stopping' || status.state === 'stopped') {
    throw new UserError('stack-not-running', `The stack "${status.name}" is ${status.state}`);
  }
  const isHopeless = ({ state, heldUntil }: PartStatus): boolean =>
    state === 'stopped' || state === 'failed' || (state === 'paused' && heldUntil === undefined);
  const off = status.parts.find(isHopeless);
  if (off === undefined) return;
  const verb = off.state === 'paused' ? 'resume' : 'restart';
  throw new UserError('not-ready', `${off.name} is ${off.state}, and nobody brings it back`, {
    hint: `Next: wonderland ${verb} ${off.name}`,
    details: { part: off.name, state: off.state },
  });
}

function notReady({ parts, probeError }: StackStatus): UserError {
  const late = parts.filter(({ state }) => state !== 'ready');
  const what = late.map(({ name, state }) => `${name} is ${state}`);
  if (probeError !== undefined) what.push(probeError);
  return new UserError('not-ready', `Not ready after ${LIMIT_MS / 1_000} s: ${what.join('; ')}`, {
    hint: 'See `wonderland ps` and `wonderland logs --level warn`.',
    details: { parts: late.map(({ name, state }) => ({ name, state })) },
  });
}
