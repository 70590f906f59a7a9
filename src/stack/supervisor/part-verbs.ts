/** What may be done to one part of a running stack, however it is asked for: over the socket or in this process. */
import { UserError } from '../../kernel/errors.ts';
import type { PartRequest } from './protocol.ts';
import type { Supervisor } from './supervisor.ts';

/**
 * Resolves when it has happened: the part is down, frozen, or on its way back.
 * @throws UserError `usage` when there is no such part; `not-ready` when there is nothing to act on
 */
export async function performOnPart(supervisor: Supervisor, request: PartRequest): Promise<void> {
  const part = supervisor.part(request.part);
  requireNotEnding(supervisor);
  const forMs = 'forMs' in request ? request.forMs : undefined;
  switch (request.do) {
    case 'start':
      return part.start();
    case 'stop':
      return part.stop();
    case 'restart':
      if (forMs !== undefined) return part.restartAfter(forMs);
      await part.stop();
      requireNotEnding(supervisor);
      return part.start();
    case 'kill':
      return part.kill(forMs);
    case 'pause':
      return part.pause(forMs);
    case 'resume':
      return part.resume();
  }
}

/** A part that is started now would outlive the stack. */
function requireNotEnding(supervisor: Supervisor): void {
  const { state } = supervisor.status();
  if (state !== 'stopping' && state !== 'stopped') return;
  throw new UserError('not-ready', `The stack is ${state}`, {
    hint: 'Start it again with `wonderland up`.',
  });
}
