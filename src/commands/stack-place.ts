/** Where the stack of this invocation keeps its files and answers, running or not. */
import type { Settings } from '../config/settings.ts';
import { filesOf } from '../stack/stack-files.ts';
import { dataPathsOf, readRecord } from '../stack/stack-record.ts';
import type { Endpoints } from '../stack/stack-status.ts';

export type StackPlace = Pick<
  Endpoints,
  'mediatorUrl' | 'moreMediatorUrls' | 'logFile' | 'inboxDir'
>;

/** As the stack recorded it, else where it would be; WONDERLAND_URL beats both. */
export function endpointsOf(settings: Settings): StackPlace {
  const files = filesOf(settings.stateDir, settings.stack);
  const recorded = readRecord(files)?.endpoints;
  const { logFile, inboxDir } = recorded ?? dataPathsOf(files);
  if (settings.mediatorUrl !== undefined) {
    const { mediatorUrl, moreMediatorUrls } = settings;
    return { logFile, inboxDir, mediatorUrl, moreMediatorUrls };
  }
  const mediatorUrl = recorded?.mediatorUrl ?? `http://127.0.0.1:${settings.httpPort}`;
  return { logFile, inboxDir, mediatorUrl, moreMediatorUrls: recorded?.moreMediatorUrls ?? [] };
}
