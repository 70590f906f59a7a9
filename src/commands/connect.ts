/** The way from a command to the mediator that this invocation means. */
import { explainSilence } from '../stack/read-status.ts';
import type { CommandContext } from './context.ts';
import { openMediatorClient, type MediatorClient } from './mediator-client.ts';
import { endpointsOf } from './stack-place.ts';

export async function connectToMediator(context: CommandContext): Promise<MediatorClient> {
  const settings = await context.settings();
  const { mediatorUrl: url, moreMediatorUrls: moreUrls = [] } = endpointsOf(settings);
  const isOwn = settings.mediatorUrl === undefined;
  const explain = isOwn ? () => explainSilence(settings) : undefined;
  const { signal, clock } = context;
  return openMediatorClient({ url, moreUrls, signal, clock, explain });
}
