/** Inventory dies when it is to release copies, and stays away: the release is repeated until it succeeds. */
import { z } from 'zod';

import { BugError } from '../../src/kernel/errors.ts';
import { liveClock as clock, liveIds } from '../../src/kernel/live.ts';
import type { Violation } from '../checks/violation.ts';
import { sell, type Sold } from '../load/sale.ts';
import type { Place } from '../stack/chaos-stack.ts';
import type { Case } from './case.ts';

const DOWN_MS = { short: 3_000, long: 75_000 };
const ENDS_WITHIN_MS = 180_000;
const LOOK_EVERY_MS = 1_000;

export const releaseDown: Case = {
  name: 'release-down',
  about: 'inventory is down for 75 s when copies are to be released (3 s in the short form)',
  async play(stage) {
    const { stack, visitor, isLong, print } = stage;
    const inventory = stack.parts.get('inventory');
    if (inventory === undefined) throw new BugError('there is no inventory');
    const run = `chaos-${liveIds.hex(6)}`;
    const at = { service: 'inventory', message: 'inventory.release', point: 'handle' } as const;
    const fault = { ...at, id: run, run, action: { verb: 'crash' } as const, nth: 1, times: 1 };
    await visitor.arm(['inventory'], [fault]);
    const deaths = inventory.deaths.length;
    inventory.stayDownFor(isLong ? DOWN_MS.long : DOWN_MS.short);
    const sale = { kinds: ['declined'], run, endsWithinMs: ENDS_WITHIN_MS } as const;
    const over = new AbortController();
    const stuck = lookForStuck(stack.place, over.signal);
    const sold = await sell(stage, sale).finally(() => over.abort());
    if (inventory.deaths.length === deaths) throw new BugError('inventory did not die');
    print(`  ${sold.seen.sagaLog.map(({ kind }) => kind).join(', ')}`);
    return [...sold.violations, ...(isLong ? judgeStuck(sold, await stuck) : [])];
  },
};

const Listed = z.object({ orders: z.array(z.object({ id: z.string() })) });

/** Ids of all orders that the shop has called stuck until the signal aborts. */
async function lookForStuck(
  { mediatorUrls: [url] }: Place,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  while (!signal.aborted) {
    const response = await fetch(`${url}/orders?stuck=true&limit=100`).catch(() => undefined);
    const listed = Listed.safeParse(await response?.json());
    for (const { id } of listed.data?.orders ?? []) seen.add(id);
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  return seen;
}

function judgeStuck({ placed }: Sold, stuck: ReadonlySet<string>): Violation[] {
  const orderId = placed[0]?.accepted?.id ?? '';
  if (stuck.has(orderId)) return [];
  const problem = 'its release had no answer for over a minute, and nobody was told';
  return [{ check: 'shown-as-stuck', orderId, problem, look: 'GET /orders?stuck=true' }];
}
