/**
 * Stories of trouble that is no death: messages that come three times, answers that come late, parts that stay away.
 *
 *   npm run chaos:cases                               short durations
 *   npm run chaos:cases -- --long --case late-payment the real ones
 *
 * Ends with 0 when no check was broken, 10 when one was.
 */
import { seededRandom } from '../src/kernel/random.ts';
import type { CaseStage } from './cases/case.ts';
import { latePayment } from './cases/late-payment.ts';
import { providerWorks } from './cases/provider-works.ts';
import { releaseDown } from './cases/release-down.ts';
import { thrice } from './cases/thrice.ts';
import { EXIT, readFlags, runCommand, seedOf, serversOf, type Ports } from './command.ts';
import { stockShelves } from './load/shelves.ts';
import { describeViolations } from './report.ts';
import { startChaosStack } from './stack/chaos-stack.ts';
import { Visitor } from './stack/visitor.ts';

const CASES = [thrice, latePayment, providerWorks, releaseDown];
const SCARCE_COPIES = 10;
/** A customer who cancels must be in time, however busy the machine is. */
const SHIP_AFTER = '3s';

const flags = readFlags({
  case: { type: 'string' },
  long: { type: 'boolean', default: false },
  seed: { type: 'string' },
});
const seed = seedOf(flags.seed);
const chosen = CASES.filter(({ name }) => flags.case === undefined || flags.case === name);

async function playAll(stage: CaseStage, signal: Ports['signal']): Promise<number> {
  let violations = 0;
  for (const { name, about, play } of chosen) {
    if (signal.aborted) break;
    stage.print(`${name}: ${about}`);
    const found = await play(stage);
    violations += found.length;
    stage.print(found.length === 0 ? '  no violations' : describeViolations(found));
  }
  return violations;
}

await runCommand(async ({ print, signal }) => {
  if (chosen.length === 0) throw new Error(`there is no case "${flags.case}"`);
  print(`${chosen.length} cases, seed ${seed}`);
  const environment = { WONDERLAND_SHIP_AFTER: SHIP_AFTER };
  await using stack = await startChaosStack({ servers: serversOf(), environment });
  await using visitor = await Visitor.open(stack.place);
  const shelves = await stockShelves(visitor.rpc, SCARCE_COPIES);
  const random = seededRandom(seed);
  const stage = { stack, visitor, shelves, random, seed, isLong: flags.long, print };
  return (await playAll(stage, signal)) === 0 ? EXIT.proven : EXIT.violated;
});
