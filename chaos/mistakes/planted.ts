/** Runs a sale in a shop with one mistake planted in it, and tells what the checks say. */
import { fileURLToPath } from 'node:url';

import type { Fault } from '../../src/contracts/faults.ts';
import { liveIds } from '../../src/kernel/live.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import type { CheckName, Violation } from '../checks/violation.ts';
import type { OrderKind } from '../load/orders.ts';
import { many, sell } from '../load/sale.ts';
import { stockShelves } from '../load/shelves.ts';
import { startChaosStack, type ChaosStackOptions } from '../stack/chaos-stack.ts';
import { Visitor } from '../stack/visitor.ts';

export interface Mistake {
  /** Of the file that has it. */
  readonly name: string;
  readonly about: string;
  /** The part that makes it, and the module that it takes the place of. */
  readonly part: string;
  readonly module: string;
  /** The check that must break. */
  readonly breaks: CheckName;
  readonly kinds: readonly OrderKind[];
  readonly fault?: Pick<Fault, 'service' | 'message' | 'point' | 'action'>;
}

/** More customers than copies. */
const SCARCE_COPIES = 4;
const CUSTOMERS = 24;

export const MISTAKES: readonly Mistake[] = [
  {
    name: 'charge-first',
    about: 'charges before it takes stock',
    part: 'mediator',
    module: 'src/mediator/order-saga.ts',
    breaks: 'paid-once',
    kinds: many(CUSTOMERS, 'scarce'),
  },
  {
    name: 'look-then-take',
    about: 'takes stock with a SELECT and then an UPDATE',
    part: 'inventory',
    module: 'src/services/inventory/sqlite-tx.ts',
    breaks: 'balance',
    kinds: many(CUSTOMERS, 'scarce'),
  },
  {
    name: 'none-left',
    about: 'ignores "none left"',
    part: 'mediator',
    module: 'src/mediator/command-reply.ts',
    breaks: 'oversold',
    kinds: many(CUSTOMERS, 'scarce'),
  },
  {
    name: 'waits-for-ever',
    about: 'waits for replies for ever',
    part: 'mediator',
    module: 'src/mediator/sweeper.ts',
    breaks: 'ends',
    kinds: many(1, 'paid'),
    // One reply is lost.
    fault: {
      service: 'inventory',
      message: 'inventory.reserve',
      point: 'reply',
      action: { verb: 'drop' },
    },
  },
];

/** A shop without mistakes would be done long before. */
const ENDS_WITHIN_MS = 8_000;

/** What the checks found. The inventory keeps its books in a file here, whatever the environment says. */
export async function sellWith(
  mistake: Mistake,
  seed: number,
  servers: ChaosStackOptions['servers'],
): Promise<readonly Violation[]> {
  const commands = { [mistake.part]: commandOf(mistake) };
  const environment = { CHAOS_SWAP: swapOf(mistake) };
  await using stack = await startChaosStack({ servers, commands, environment });
  await using visitor = await Visitor.open(stack.place);
  const shelves = await stockShelves(visitor.rpc, SCARCE_COPIES);
  const run = `chaos-${liveIds.hex(6)}`;
  if (mistake.fault !== undefined) {
    const fault = { ...mistake.fault, id: mistake.name, run, nth: 1, times: 1 };
    await visitor.arm([fault.service], [fault]);
  }
  const shop = { stack, shelves, random: seededRandom(seed) };
  const sale = { kinds: mistake.kinds, run, endsWithinMs: ENDS_WITHIN_MS };
  return (await sell(shop, sale)).violations;
}

/** From its sources, so that one of them can be swapped. */
function commandOf({ part }: Mistake): readonly [string, ...string[]] {
  const swap = new URL('./swap.mjs', import.meta.url).href;
  const entry = fileURLToPath(new URL('./part.ts', import.meta.url));
  const words = part === 'mediator' ? [part] : ['service', part];
  return [process.execPath, '--import', 'tsx', '--import', swap, entry, ...words];
}

function swapOf({ name, module }: Mistake): string {
  const right = new URL(`../../${module}`, import.meta.url).href;
  return `${right}=${new URL(`./${name}.ts`, import.meta.url).href}`;
}
