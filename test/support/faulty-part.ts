/** A part in a process of its own that answers every `inventory.commit` and takes faults, so that a test can have it crash. */
import { readSettings } from '../../src/config/settings.ts';
import { committed } from '../../src/contracts/inventory.ts';
import { liveClock, liveCrash, liveIds, liveRandom } from '../../src/kernel/live.ts';
import { startHandler } from '../../src/messaging/handler.ts';
import { openPart } from '../../src/messaging/part.ts';
import { answerTo, reply } from '../../src/messaging/participant.ts';

const [amqpUrl, namespace = ''] = process.argv.slice(2);
const part = await openPart({
  service: 'inventory',
  settings: { ...readSettings({}), amqpUrl, namespace, faultsAllowed: true },
  clock: liveClock,
  random: liveRandom,
  ids: liveIds,
  crash: liveCrash,
  output: process.stderr,
});
await startHandler(part, {
  queue: part.names.queueOf('inventory'),
  prefetch: 16,
  handle: async (message, { beforeCommit }) => {
    await beforeCommit();
    process.send?.(message.id);
    return [answerTo(message, reply(committed, { orderId: message.correlationId ?? '' }))].filter(
      (each) => each !== undefined,
    );
  },
  onError: () => undefined,
});
process.once('disconnect', () => process.exit());
process.send?.('ready');
