/** Where the mediator is: an explicit URL, else the stack's own, else the default port. */
import type { Settings } from '../config/settings.ts';
import { filesOf } from '../stack/stack-files.ts';
import { readRecord } from '../stack/stack-record.ts';
import type { CommandContext } from './context.ts';
import { openMediatorClient, type MediatorClient } from './mediator-client.ts';

/** A client of the mediator that this invocation means. */
export async function connectToMediator(context: CommandContext): Promise<MediatorClient> {
  const url = findMediatorUrl(await context.settings());
  return openMediatorClient({ url, signal: context.signal, clock: context.clock });
}

function findMediatorUrl(settings: Settings): string {
  if (settings.mediatorUrl !== undefined) return settings.mediatorUrl;
  const record = readRecord(filesOf(settings.stateDir, settings.stack));
  return record?.endpoints.mediatorUrl ?? `http://127.0.0.1:${settings.httpPort}`;
}
