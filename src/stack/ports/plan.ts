/** Which ports a stack takes on 127.0.0.1: fixed and documented, moved by an offset, or found free. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import { UserError } from '../../kernel/errors.ts';
import { instancesOf, numberOf } from '../instances.ts';
import type { StackPorts } from '../stack-record.ts';
import type { Engine } from '../stack-status.ts';

export const DEFAULT_PORTS = { http: 4242, amqp: 4243, postgres: 4244 } as const;
const HIGHEST = 65_535;
/** `mediator-2` listens 10 ports above the first: 4252. Between them is room for the servers of other engines. */
const TO_FURTHER_MEDIATORS = 8;

export interface PortChoice {
  /** Added to each default; wins over what is stored. */
  readonly offset?: number | undefined;
  readonly auto?: boolean | undefined;
  /** What the stack had before. */
  readonly stored?: StackPorts | undefined;
  /** How many mediators there are; one where it is absent. */
  readonly mediators?: number | undefined;
}

/** @throws UserError `usage` when the offset leads nowhere. */
export async function planPorts(engine: Engine, choice: PortChoice): Promise<StackPorts> {
  const names = furtherMediators(choice.mediators ?? 1);
  if (choice.offset !== undefined) return withMediators(shifted(engine, choice.offset), names);
  if (choice.auto === true) return findFreePorts(engine, names);
  return withMediators(choice.stored ?? shifted(engine, 0), names);
}

function furtherMediators(count: number): readonly string[] {
  return instancesOf(['mediator'], { mediator: count }).slice(1);
}

/** A mediator that had a port before keeps it. */
function withMediators(ports: StackPorts, names: readonly string[]): StackPorts {
  if (names.length === 0) return ports;
  const mediators = { ...ports.mediators };
  for (const name of names) {
    mediators[name] ??= ports.http + TO_FURTHER_MEDIATORS + numberOf(name);
  }
  return { ...ports, mediators };
}

/** @throws UserError `usage` when the offset leads nowhere. */
export function checkOffset(offset: number): void {
  if (Number.isInteger(offset) && offset >= 0 && DEFAULT_PORTS.postgres + offset <= HIGHEST) return;
  throw new UserError('usage', `A port offset of ${offset} leads to ports that do not exist`, {
    hint: `The offset is a whole number from 0 to ${HIGHEST - DEFAULT_PORTS.postgres}.`,
  });
}

function shifted(engine: Engine, offset: number): StackPorts {
  checkOffset(offset);
  const moved = (port: number): number => port + offset;
  const http = moved(DEFAULT_PORTS.http);
  if (engine === 'external') return { http };
  return { http, amqp: moved(DEFAULT_PORTS.amqp), postgres: moved(DEFAULT_PORTS.postgres) };
}

async function findFreePorts(engine: Engine, names: readonly string[]): Promise<StackPorts> {
  const own = engine === 'external' ? 1 : 3;
  // All are held at once, so that the system can't give the same one twice.
  const servers = Array.from({ length: own + names.length }, () =>
    createServer().listen(0, '127.0.0.1'),
  );
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const found = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  const mediators = Object.fromEntries(names.map((name, index) => [name, found[own + index] ?? 0]));
  const [http = 0, amqp = 0, postgres = 0] = found;
  return {
    http,
    ...(engine === 'external' ? {} : { amqp, postgres }),
    ...(names.length === 0 ? {} : { mediators }),
  };
}
