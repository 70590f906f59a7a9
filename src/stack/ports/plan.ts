/** Which ports a stack takes on 127.0.0.1: fixed and documented, moved by an offset, or found free. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import { UserError } from '../../kernel/errors.ts';
import type { StackPorts } from '../stack-record.ts';
import type { Engine } from '../stack-status.ts';

export const DEFAULT_PORTS = { http: 4242, amqp: 4243, postgres: 4244 } as const;
const HIGHEST = 65_535;

export interface PortChoice {
  /** Added to each default; wins over what is stored. */
  readonly offset?: number | undefined;
  readonly auto?: boolean | undefined;
  /** What the stack had before. */
  readonly stored?: StackPorts | undefined;
}

/** @throws UserError `usage` when the offset leads nowhere. */
export async function planPorts(engine: Engine, choice: PortChoice): Promise<StackPorts> {
  if (choice.offset !== undefined) return shifted(engine, choice.offset);
  if (choice.auto === true) return findFreePorts(engine);
  return choice.stored ?? shifted(engine, 0);
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

async function findFreePorts(engine: Engine): Promise<StackPorts> {
  const count = engine === 'external' ? 1 : 3;
  // All are held at once, so that the system can't give the same one twice.
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const [http = 0, amqp = 0, postgres = 0] = servers.map(
    (server) => (server.address() as AddressInfo).port,
  );
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return engine === 'external' ? { http } : { http, amqp, postgres };
}
