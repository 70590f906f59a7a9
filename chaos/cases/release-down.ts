/** Inventory dies when it is to release copies, and stays away: the release is repeated until it succeeds. */
import { liveIds } from '../../src/kernel/live.ts';
import { BugError } from '../../src/kernel/errors.ts';
import type { Violation } from '../checks/violation.ts';
import { sell, type Sold } from '../load/sale.ts';
import type { Case } from './case.ts';

const DOWN_MS = { short: 3_000, long: 75_000 };
const ENDS_WITHIN_MS = 180_000;

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
    const sold = await sell(stage, { kinds: ['declined'], run, endsWithinMs: ENDS_WITHIN_MS });
    if (inventory.deaths.length === deaths) throw new BugError('inventory did not die');
    print(`  ${sold.seen.sagaLog.map(({ kind }) => kind).join(', ')}`);
    return [...sold.violations, ...(isLong ? judgeStuck(sold) : [])];
  },
};

function judgeStuck({ placed, seen }: Sold): Violation[] {
  if (seen.sagaLog.some(({ kind }) => kind === 'stuck')) return [];
  const orderId = placed[0]?.accepted?.id ?? '';
  const problem = 'its release had no answer for over a minute, and its log does not say so';
  return [{ check: 'shown-as-stuck', orderId, problem, look: 'mediator.saga_log' }];
}
