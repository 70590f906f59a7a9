/** `StackControl` over a supervisor, and over the gates before servers that are not the stack's own. */
import type { Clock } from '../kernel/clock.ts';
import { UserError } from '../kernel/errors.ts';
import { suggest } from '../kernel/suggestion.ts';
import type { ServerGates } from './gates/server-gates.ts';
import type { TcpGate } from './gates/tcp-gate.ts';
import { APP_PARTS, instanceName, numberOf, serviceOf } from './instances.ts';
import type { StackControl, StackTarget } from './stack-control.ts';
import type { StackStatus } from './stack-status.ts';
import { isHoldMs, LONGEST_HOLD_MS, type PartRequest } from './supervisor/protocol.ts';
import type { SupervisorDoor } from './supervisor/door.ts';
import { untilHealed } from './until-healed.ts';

export interface ControlOptions {
  readonly door: SupervisorDoor;
  /** Where the stack was given gates; a stack that goes on after the command has none. */
  readonly gates?: Pick<ServerGates, 'broker' | 'database'> | undefined;
  readonly clock: Clock;
}

/** A supervisor starts a part that crashed after 0.2 s to 10 s, and the part needs a moment. */
const USUAL_OUTAGE_MS = 1_000;
const AT_ONCE_MS = 1;

const SERVERS: Readonly<Record<string, string>> = { broker: 'broker', database: 'postgres' };

export function controlParts(options: ControlOptions): StackControl {
  const act = async (target: StackTarget, deed: Deed): Promise<void> => {
    checkHold(deed.forMs);
    const gate = gateOf(target, options);
    if (gate !== undefined) return actOnGate(gate, deed);
    const part = findPart(target, await options.door.status());
    await options.door.act(requestOf(part, deed));
  };
  return {
    crash: (target, forMs) => act(target, { kind: 'crash', forMs }),
    hang: (target, forMs) => act(target, { kind: 'hang', forMs }),
    restart: (target, forMs) => act(target, { kind: 'restart', forMs }),
    heal: async (signal) => void (await healParts(options, signal)),
  };
}

/**
 * Ends everything that is on, and waits until a message makes the trip through the whole stack again. Answers
 * what was healed: names of parts, `broker`, `database`.
 * @throws UserError `not-ready` when something stays away, or somebody took it down without an end;
 *   `interrupted`; `stack-not-running`
 */
export async function healParts(
  options: ControlOptions,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const { door, clock } = options;
  const gates = [options.gates?.broker, options.gates?.database].filter(
    (gate) => gate !== undefined,
  );
  const shut = gates.filter(({ state }) => state !== 'open');
  for (const gate of shut) void gate.heal();
  const parts = await door.heal();
  const areOpen = (): boolean => gates.every(({ state }) => state === 'open');
  await untilHealed({ door, areOpen, clock, signal });
  return [...shut.map(({ name }) => name), ...parts];
}

interface Deed {
  readonly kind: 'crash' | 'hang' | 'restart';
  readonly forMs: number | undefined;
}

function checkHold(forMs: number | undefined): void {
  if (forMs === undefined || isHoldMs(forMs)) return;
  throw new UserError(
    'usage',
    `A part can be down for 1 ms to ${LONGEST_HOLD_MS / 60_000} min, not for ${String(forMs)} ms`,
  );
}

function gateOf({ part }: StackTarget, { gates }: ControlOptions): TcpGate | undefined {
  return part === 'broker' || part === 'database' ? gates?.[part] : undefined;
}

function actOnGate(gate: TcpGate, { kind, forMs }: Deed): void {
  const holdMs = forMs ?? USUAL_OUTAGE_MS;
  if (kind === 'hang') gate.freeze(holdMs);
  else gate.shut(holdMs, { abruptly: kind === 'crash' });
}

function requestOf(part: string, { kind, forMs }: Deed): PartRequest {
  if (kind === 'restart') return { do: 'restart', part, forMs: forMs ?? AT_ONCE_MS };
  const verb = kind === 'crash' ? 'kill' : 'pause';
  return { do: verb, part, ...(forMs === undefined ? {} : { forMs }) };
}

/** The name of the part that is meant. @throws UserError `usage`, `environment` */
function findPart({ part, instance }: StackTarget, status: StackStatus): string {
  const service = SERVERS[part] ?? part;
  const known = [...Object.keys(SERVERS), ...APP_PARTS];
  if (!known.includes(part)) {
    throw new UserError('usage', `There is no part "${part}"`, {
      hint: suggest(part, known) ?? `The parts are: ${known.join(', ')}.`,
    });
  }
  if (instance !== undefined && serviceOf(instance) !== service) {
    throw new UserError('usage', `"${instance}" is no instance of ${part}`);
  }
  const name = instanceName(service, numberOf(instance ?? service));
  if (status.parts.some((each) => each.name === name)) return name;
  throw notOwn(name, part, status);
}

function notOwn(
  name: string,
  part: string,
  { engine, parts, name: stack }: StackStatus,
): UserError {
  const details = { part, instance: name, stack };
  if (parts.some((each) => serviceOf(each.name) === serviceOf(name))) {
    return new UserError('environment', `The stack "${stack}" has no ${name}`, {
      hint: `Start it with more of them (\`wonderland up --scale ${part}=${numberOf(name)}\`), or run it with --isolated.`,
      details,
    });
  }
  const why =
    engine === 'external' && part in SERVERS
      ? `The ${part} of the stack "${stack}" belongs to somebody else`
      : `The ${part} is not a part of the stack "${stack}"`;
  return new UserError('environment', `${why}: it cannot be taken down`, {
    hint: 'Run it with --isolated: a stack of its own may be treated badly.',
    details,
  });
}
