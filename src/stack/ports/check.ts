/** Looks at all ports of a stack before anything is started, and reports every conflict at once. */
import { once } from 'node:events';
import { createServer } from 'node:net';

import { UserError } from '../../kernel/errors.ts';
import { portsOf, type StackPorts } from '../stack-record.ts';
import { findHolder, type PortHolder } from './holder.ts';

export interface PortConflict {
  readonly port: number;
  readonly part: string;
  /** `taken`, or the user may not open it. */
  readonly reason: 'taken' | 'forbidden';
  readonly holder?: PortHolder;
}

/** @throws UserError `port-taken` naming each port, who holds it and what to do. */
export async function requireFreePorts(ports: StackPorts, parts: readonly string[]): Promise<void> {
  const conflicts = await findConflicts(ports, parts);
  if (conflicts.length > 0) throw conflictError(conflicts);
}

export async function findConflicts(
  ports: StackPorts,
  parts: readonly string[],
): Promise<readonly PortConflict[]> {
  const wanted = portsOf(ports).filter(({ part }) => parts.includes(part));
  const found = await Promise.all(wanted.map(({ port, part }) => tryPort(port, part)));
  return found.filter((conflict) => conflict !== undefined);
}

async function tryPort(port: number, part: string): Promise<PortConflict | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') return { port, part, reason: 'forbidden' };
    const holder = await findHolder(port);
    return { port, part, reason: 'taken', ...(holder === undefined ? {} : { holder }) };
  }
  await once(server.close(), 'close');
  return undefined;
}

/** One error for all conflicts. */
export function conflictError(conflicts: readonly PortConflict[]): UserError {
  const lines = conflicts.map((each) => `  ${describeConflict(each)}`);
  const title =
    conflicts.length === 1
      ? 'A port that the stack needs is not free:'
      : `${conflicts.length} ports that the stack needs are not free:`;
  return new UserError('port-taken', [title, ...lines].join('\n'), {
    hint: fixOf(conflicts),
    details: { conflicts },
  });
}

/** Which port, and who holds it. */
export function describeConflict({ port, part, reason, holder }: PortConflict): string {
  const head = `${port} (${part})`;
  if (reason === 'forbidden') return `${head} may not be opened by this user`;
  if (holder?.pid !== undefined)
    return `${head} is held by PID ${holder.pid}: ${holder.command ?? '?'}`;
  if (holder?.uid !== undefined) return `${head} is held by a process of user ${holder.uid}`;
  return `${head} is held by another program`;
}

/** Another stack is stopped by its command, a program by its number; moving away always works. */
export function fixOf(conflicts: readonly PortConflict[]): string {
  const holders = conflicts.flatMap(({ holder }) => holder ?? []);
  const stacks = holders.flatMap(({ stack }) =>
    stack === undefined
      ? []
      : [`WONDERLAND_STATE_DIR='${stack.stateDir}' wonderland down --stack ${stack.name}`],
  );
  const pids = holders.flatMap(({ pid, stack }) => (stack === undefined ? (pid ?? []) : []));
  const commands = [...new Set(stacks)];
  if (pids.length > 0) commands.push(`kill ${[...new Set(pids)].join(' ')}`);
  const stop = commands.length === 0 ? 'Stop it' : `Stop it (\`${commands.join('; ')}\`)`;
  return `${stop}, or use other ports: \`wonderland up --port-offset 100\` or \`wonderland up --ports auto\`.`;
}
