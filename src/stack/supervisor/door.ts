/** One way to a supervisor for callers that do not care where it lives: in this process, or behind its socket. */
import type { StackFiles } from '../stack-files.ts';
import type { StackStatus } from '../stack-status.ts';
import { performOnPart } from './part-verbs.ts';
import type { PartRequest } from './protocol.ts';
import { callSupervisor } from './socket-client.ts';
import type { Supervisor } from './supervisor.ts';

export interface SupervisorDoor {
  status(): Promise<StackStatus>;
  /** The status with a fresh look at what the mediator says of each part. */
  inspect(): Promise<StackStatus>;
  /** Resolves when it has happened. @throws UserError `usage`, `not-ready` */
  act(request: PartRequest): Promise<void>;
  /** Ends what was done to parts on purpose; the names of those that come back. */
  heal(): Promise<readonly string[]>;
}

/** A part that ends in good order may take 5 s. */
const ACT_LIMIT_MS = 8_000;

/** Each call @throws UserError `stack-not-running` when nobody listens any more. */
export function doorOverSocket(files: StackFiles): SupervisorDoor {
  const status = async (probe: boolean): Promise<StackStatus> => {
    const answer = await callSupervisor(files, { do: 'status', probe });
    return answer.status ?? { name: files.name, engine: 'embedded', state: 'stopped', parts: [] };
  };
  return {
    status: () => status(false),
    inspect: () => status(true),
    act: async (request) =>
      void (await callSupervisor(files, request, { timeoutMs: ACT_LIMIT_MS })),
    heal: async () => (await callSupervisor(files, { do: 'heal' })).healed ?? [],
  };
}

export function doorTo(supervisor: Supervisor): SupervisorDoor {
  return {
    status: () => Promise.resolve(supervisor.status()),
    inspect: () => supervisor.inspect(),
    act: (request) => performOnPart(supervisor, request),
    heal: () => Promise.resolve(supervisor.heal()),
  };
}
