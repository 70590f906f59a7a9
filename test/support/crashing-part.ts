/** A part in a process of its own that dies over one message of its queue: tells the ids that it handled, then is gone. */
import { Writable } from 'node:stream';

import { readSettings } from '../../src/config/settings.ts';
import { liveClock, liveIds, liveRandom } from '../../src/kernel/live.ts';
import { startHandler } from '../../src/messaging/handler.ts';
import { openPart } from '../../src/messaging/part.ts';

// A test that ends early leaves nobody behind.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
const [amqpUrl = '', namespace = '', deadly = ''] = process.argv.slice(2);
const part = await openPart({
  service: 'inventory',
  settings: { ...readSettings({}), amqpUrl, namespace },
  clock: liveClock,
  random: liveRandom,
  ids: liveIds,
  crash: () => undefined as never,
  output: new Writable({ write: (_chunk, _encoding, done) => done() }),
});
await startHandler(part, {
  queue: part.names.queueOf('inventory'),
  prefetch: 256,
  handle: async ({ id }) => {
    if (id === deadly) process.kill(process.pid, 'SIGKILL');
    process.send?.(id);
    return [];
  },
  onError: () => undefined,
});
