/** An open loop: customers come at their rate, whether or not the shop keeps up. */
import { liveClock as clock } from '../../src/kernel/live.ts';
import type { Random } from '../../src/kernel/random.ts';
import type { Customers } from './customers.ts';
import { orderOf, type OrderKind } from './orders.ts';
import type { Shelves } from './shelves.ts';

/** How often each kind comes, in percent. */
const MIX: readonly (readonly [OrderKind, number])[] = [
  ['paid', 62],
  ['declined', 12],
  ['scarce', 10],
  ['cancelled', 8],
  ['unknown', 5],
  ['unpayable', 3],
];

export interface StreamOptions {
  readonly customers: Customers;
  readonly shelves: Shelves;
  readonly random: Random;
  readonly perSecond: number;
  /** Nobody comes any more once it aborts. */
  readonly signal: AbortSignal;
}

/** Resolves when everybody who came has an answer, or gave up. */
export async function letCustomersCome(options: StreamOptions): Promise<void> {
  const { customers, shelves, random, perSecond, signal } = options;
  const waiting: Promise<unknown>[] = [];
  const began = clock.elapsed();
  for (let count = 0; !signal.aborted; count++) {
    const due = began + (count * 1_000) / perSecond;
    if (due > clock.elapsed()) await clock.sleep(due - clock.elapsed(), signal);
    if (signal.aborted) break;
    const kind = kindOf(random);
    waiting.push(customers.place(kind, orderOf(kind, shelves, random)));
  }
  await Promise.all(waiting);
}

function kindOf(random: Random): OrderKind {
  let left = random.next() * 100;
  for (const [kind, share] of MIX) {
    left -= share;
    if (left < 0) return kind;
  }
  return 'paid';
}
