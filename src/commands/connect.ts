/** The way from a command to the mediator that this invocation means. */
import type { CommandContext } from './context.ts';
import { openMediatorClient, type MediatorClient } from './mediator-client.ts';
import { endpointsOf } from './stack-place.ts';

export async function connectToMediator(context: CommandContext): Promise<MediatorClient> {
  const { mediatorUrl } = endpointsOf(await context.settings());
  return openMediatorClient({ url: mediatorUrl, signal: context.signal, clock: context.clock });
}
