/** Every message three times, and reordered within a second: the orders must end as they do without. */
import type { Fault } from '../../src/contracts/faults.ts';
import { liveIds } from '../../src/kernel/live.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { PARTICIPANTS } from '../../src/messaging/topology.ts';
import { byOrder } from '../checks/facts.ts';
import type { Violation } from '../checks/violation.ts';
import { many, sell, type Sold } from '../load/sale.ts';
import type { Case, CaseStage } from './case.ts';

const PARTS = [...PARTICIPANTS, 'notification', 'mediator'];
const KINDS = [
  ...many(8, 'paid'),
  ...many(4, 'declined'),
  ...many(4, 'cancelled'),
  ...many(2, 'unknown'),
  ...many(2, 'unpayable'),
];
const ENDS_WITHIN_MS = 120_000;

export const thrice: Case = {
  name: 'thrice',
  about: 'every message delivered 3 times and reordered within 1 s',
  async play(stage) {
    const { seed, visitor } = stage;
    const run = `chaos-${liveIds.hex(6)}`;
    const sale = { kinds: KINDS, run, endsWithinMs: ENDS_WITHIN_MS };
    const plain = await sell({ ...stage, random: seededRandom(seed) }, sale);
    await visitor.arm(
      PARTS,
      PARTS.flatMap((part) => faultsOf(part, run)),
    );
    const stirred = await sell({ ...stage, random: seededRandom(seed) }, sale);
    const fired = await visitor.clear(PARTS, run);
    report(stage, fired);
    return [...plain.violations, ...stirred.violations, ...differences(plain, stirred)];
  },
};

function faultsOf(service: string, run: string): readonly Fault[] {
  const everywhere = { run, service, message: '*', point: 'deliver', nth: 1 } as const;
  return [
    { ...everywhere, id: `${run}/${service}/copies`, action: { verb: 'duplicate', copies: 2 } },
    { ...everywhere, id: `${run}/${service}/order`, action: { verb: 'reorder', withinMs: 1_000 } },
  ];
}

function report({ print }: CaseStage, fired: ReadonlyMap<string, number>): void {
  const silent = [...fired].filter(([, times]) => times === 0).map(([id]) => id);
  if (fired.size !== 2 * PARTS.length || silent.length > 0)
    throw new Error(`faults never fired: ${silent.join(', ')}`);
  const times = [...fired.values()].reduce((sum, each) => sum + each, 0);
  print(`  ${times / 2} messages came three times`);
}

/** Both sales have the same orders in the same order. */
function differences(plain: Sold, stirred: Sold): Violation[] {
  const [expected, found] = [plain, stirred].map(endsOf);
  return (expected ?? []).flatMap((end, index): Violation[] => {
    const other = found?.[index];
    const orderId = stirred.placed[index]?.accepted?.id;
    if (end === other) return [];
    const problem = `ends as ${other}, and without faults as ${end}`;
    const look = 'mediator.saga, payment: ledger, inventory: sale';
    return [{ check: 'same-end', problem, look, ...(orderId !== undefined && { orderId }) }];
  });
}

/** What a customer can see of each order in the end. */
function endsOf({ placed, seen }: Sold): readonly string[] {
  const [ledgers, sales, mails] = [byOrder(seen.ledgers), byOrder(seen.sales), byOrder(seen.mails)];
  return placed.map(({ accepted: { id } = { id: '' } }) => {
    const saga = seen.sagas.find((each) => each.id === id);
    const ledger = ledgers.get(id)?.[0];
    const net = (ledger?.capturedCents ?? 0) - (ledger?.refundedCents ?? 0);
    const copies = (sales.get(id) ?? []).map(({ bookId, quantity }) => `${quantity} of ${bookId}`);
    const letters = new Set((mails.get(id) ?? []).map(({ template }) => template));
    // Whether a customer was told of the sale before it was cancelled is a matter of time.
    const told =
      saga?.status === 'cancelled' ? letters.has('cancellation') : [...letters].toSorted().join();
    return `${saga?.status}, paid ${net}, ${copies.toSorted().join(', ')}, told ${told}`;
  });
}
