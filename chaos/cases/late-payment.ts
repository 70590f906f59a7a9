/** Payment answers long after anybody would wait: the order is captured and fulfilled, or voided, never both. */
import type { Fault, Point } from '../../src/contracts/faults.ts';
import { liveClock as clock, liveIds } from '../../src/kernel/live.ts';
import { judge } from '../checks/checker.ts';
import { readEvidence } from '../checks/evidence.ts';
import type { Violation } from '../checks/violation.ts';
import { many, sell } from '../load/sale.ts';
import type { Case, CaseStage } from './case.ts';

const LATE_MS = { short: 4_000, long: 40_000 };
const ENDS_WITHIN_MS = 120_000;
/** After the last late answer. */
const MARGIN_MS = 2_000;

/** Whoever cancels meanwhile is voided: that overtakes the charge. */
const KINDS = [...many(2, 'paid'), ...many(2, 'cancelled')];

/** Late to begin, or late to answer; the first time only, or each time it is asked. */
const STORIES: readonly { readonly point: Point; readonly times?: number }[] = [
  { point: 'handle', times: 1 },
  { point: 'handle' },
  { point: 'reply', times: 1 },
  { point: 'reply' },
];

export const latePayment: Case = {
  name: 'late-payment',
  about: 'payment answers 40 s late (4 s in the short form)',
  async play(stage) {
    const lateMs = stage.isLong ? LATE_MS.long : LATE_MS.short;
    const sales = [
      ...STORIES.map((story) => sellLate(stage, story, lateMs)),
      // The provider itself takes its time.
      sell(stage, { kinds: many(2, 'late'), endsWithinMs: ENDS_WITHIN_MS }),
    ];
    return (await Promise.all(sales.map(async (each) => (await each).violations))).flat();
  },
};

/** Judged again when the last late charge has come to nothing. */
async function sellLate(
  stage: CaseStage,
  { point, times }: (typeof STORIES)[number],
  lateMs: number,
): Promise<{ violations: readonly Violation[] }> {
  const run = `chaos-${liveIds.hex(6)}`;
  const fault: Fault = {
    id: run,
    run,
    service: 'payment',
    message: 'payment.charge',
    point,
    action: { verb: 'delay', minMs: lateMs, maxMs: lateMs },
    nth: 1,
    ...(times !== undefined && { times }),
  };
  await stage.visitor.arm(['payment'], [fault]);
  const sold = await sell(stage, { kinds: KINDS, run, endsWithinMs: ENDS_WITHIN_MS });
  await clock.sleep(lateMs + MARGIN_MS);
  const ids = sold.placed.flatMap(({ accepted }) => accepted?.id ?? []);
  const later = judge(sold.placed, await readEvidence(stage.stack.place, ids));
  const ends = sold.seen.sagas.map(({ status }) => status).join(', ');
  stage.print(`  late at ${point}, ${times === undefined ? 'always' : 'once'}: ${ends}`);
  return { violations: [...sold.violations, ...later] };
}
