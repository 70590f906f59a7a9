/** Payment dies while the provider works on a charge: asked again under the same key, it captures once. */
import { BugError } from '../../src/kernel/errors.ts';
import { liveClock as clock } from '../../src/kernel/live.ts';
import { openRows } from '../checks/rows.ts';
import { many, sell } from '../load/sale.ts';
import type { Case, CaseStage } from './case.ts';

const ENDS_WITHIN_MS = 120_000;
const WORKS_WITHIN_MS = 20_000;
const POLL_MS = 10;

export const providerWorks: Case = {
  name: 'provider-works',
  about: 'payment is killed while the provider works on a charge',
  async play(stage) {
    const selling = sell(stage, { kinds: many(3, 'late'), endsWithinMs: ENDS_WITHIN_MS });
    await untilWorking(stage);
    stage.stack.parts.get('payment')?.kill();
    const { seen, violations } = await selling;
    stage.print(`  ${seen.sagas.map(({ status }) => status).join(', ')}`);
    return violations;
  },
};

/** A charge is in the provider's book, and nobody knows how it ends. */
async function untilWorking({ stack }: CaseStage): Promise<void> {
  await using rows = await openRows(stack.place, 'payment');
  const working = "SELECT order_id FROM provider_charge WHERE outcome = 'processing'";
  const giveUpAt = clock.elapsed() + WORKS_WITHIN_MS;
  while ((await rows.all(working)).length === 0) {
    if (clock.elapsed() > giveUpAt)
      throw new BugError('the provider never had a charge to work on');
    await clock.sleep(POLL_MS);
  }
}
