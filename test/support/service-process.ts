/** A real service of a test's shop in a process of its own, so that faults can kill it. */
import type { Settings } from '../../src/config/settings.ts';
import { liveClock, liveCrash, liveIds, liveRandom } from '../../src/kernel/live.ts';
import { openPart } from '../../src/messaging/part.ts';
import { startInventory } from '../../src/services/inventory/service.ts';

// A test that ends early leaves nobody behind.
process.once('disconnect', () => process.exit());
const settings = JSON.parse(process.argv[2] ?? '') as Settings;
const part = await openPart({
  service: 'inventory',
  settings,
  clock: liveClock,
  random: liveRandom,
  ids: liveIds,
  crash: liveCrash,
  output: process.stderr,
});
await startInventory(part);
process.send?.('ready');
