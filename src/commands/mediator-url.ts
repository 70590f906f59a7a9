/** Where the mediator is: an explicit URL, else the running stack's, else the default port. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Settings } from '../config/settings.ts';
import type { CommandContext } from './context.ts';
import { openMediatorClient, type MediatorClient } from './mediator-client.ts';

/** A client of the mediator that this invocation means. */
export async function connectToMediator(context: CommandContext): Promise<MediatorClient> {
  const url = await findMediatorUrl(await context.settings());
  return openMediatorClient({ url, signal: context.signal, clock: context.clock });
}

async function findMediatorUrl(settings: Settings): Promise<string> {
  if (settings.mediatorUrl !== undefined) return settings.mediatorUrl;
  return (await urlOfStack(settings)) ?? `http://127.0.0.1:${settings.httpPort}`;
}

async function urlOfStack(settings: Settings): Promise<string | undefined> {
  const file = path.join(settings.stateDir, 'stacks', settings.stack, 'stack.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const stack: unknown = JSON.parse(text);
  if (typeof stack !== 'object' || stack === null || !('mediatorUrl' in stack)) return undefined;
  return typeof stack.mediatorUrl === 'string' ? stack.mediatorUrl : undefined;
}
