/** The way from a command to the faults of a running stack. */
import { ClosingStack } from '../../kernel/closing.ts';
import { UserError } from '../../kernel/errors.ts';
import { FaultControl } from '../../messaging/control.ts';
import { openConnection } from '../../scenario/live/connection.ts';
import { serviceOf } from '../../stack/instances.ts';
import { readStatus, requireRunningStack } from '../../stack/read-status.ts';
import type { CommandContext } from '../context.ts';

/** Parts answer within a few milliseconds; one that is frozen or cut off does not. */
const ANSWER_WITHIN_MS = 3_000;
const SERVERS = ['broker', 'postgres'];

export interface OpenFaults extends AsyncDisposable {
  readonly control: FaultControl;
}

/**
 * @param service whose answer is waited for; that of every service of the stack when it is absent or `*`.
 * @throws UserError `stack-not-running`, `stack-crashed`, `broker-unreachable`
 */
export async function openFaults(context: CommandContext, service = '*'): Promise<OpenFaults> {
  const { clock, ids, random, signal } = context;
  const settings = await context.settings();
  const address = requireRunningStack(settings);
  const services = service === '*' ? await servicesOf(context) : [service];
  await using opening = new ClosingStack();
  const connection = opening.use(await openConnection({ address, clock, ids, random, signal }));
  const withinMs = ANSWER_WITHIN_MS;
  const control = opening.use(await FaultControl.open({ ...connection, services, withinMs }));
  const closing = opening.move();
  return { control, [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose]() };
}

async function servicesOf(context: CommandContext): Promise<readonly string[]> {
  const { stateDir, stack: name } = await context.settings();
  const { parts } = await readStatus({ stateDir, name });
  const services = new Set(parts.map((part) => serviceOf(part.name)));
  for (const server of SERVERS) services.delete(server);
  return [...services];
}

/** No part has said anything: this stack takes no faults. */
export function noFaultsHere(): UserError {
  return new UserError('environment', 'No part of this stack takes faults', {
    hint: 'Faults need a stack that was started for development: `wonderland up`, or WONDERLAND_FAULTS=1 for parts that you start yourself.',
  });
}
