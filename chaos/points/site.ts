/** A running shop in which single crashes are tried out, one after another. */
import type { Random } from '../../src/kernel/random.ts';
import { liveClock as clock } from '../../src/kernel/live.ts';
import { untilStored } from '../checks/ended.ts';
import type { Violation } from '../checks/violation.ts';
import { abortAfter } from '../limit.ts';
import { Customers, type Placed } from '../load/customers.ts';
import { orderOf, type OrderKind } from '../load/orders.ts';
import type { Shelves } from '../load/shelves.ts';
import type { ChaosStack } from '../stack/chaos-stack.ts';
import type { Visitor } from '../stack/visitor.ts';

export interface Site {
  readonly stack: ChaosStack;
  readonly visitor: Visitor;
  readonly shelves: Shelves;
  readonly random: Random;
}

/** Others in the same shop at the same time: in the same batches, transactions and queues. */
const NEIGHBOURS: readonly OrderKind[] = ['paid', 'declined', 'scarce', 'cancelled'];
const ANSWERED_WITHIN_MS = 60_000;
const STORED_WITHIN_MS = 20_000;

export interface Party {
  readonly customers: Customers;
  /** Settles when each of them has an answer, or gave up. */
  readonly answered: Promise<readonly Placed[]>;
}

/** One order of the run, whose messages the fault hits, among some that are nobody's. */
export function orderTogether(
  { stack, shelves, random }: Site,
  kind: OrderKind,
  run: string,
): Party {
  const patience = abortAfter(ANSWERED_WITHIN_MS);
  const customers = new Customers({ mediatorUrls: stack.place.mediatorUrls, patience });
  const place = (each: OrderKind, of?: string): Promise<Placed> =>
    customers.place(each, orderOf(each, shelves, random), of);
  const answered = Promise.all([place(kind, run), ...NEIGHBOURS.map((each) => place(each))]);
  return { customers, answered };
}

/** A log record of the run, for the part that handles nothing of an order. Its id is the run's. */
export async function logOfRun({ visitor }: Site, run: string): Promise<void> {
  const about = {
    level: 'info',
    service: 'chaos',
    instance: 'chaos',
    message: `record of ${run}`,
  } as const;
  await visitor.log({ id: run, at: clock.now(), ...about }, run);
}

/** What the broker has confirmed must come to be in the log store. */
export async function judgeLogOfRun({ stack }: Site, run: string): Promise<readonly Violation[]> {
  if (await untilStored(stack.place, run, STORED_WITHIN_MS)) return [];
  const problem = `the record ${run} was confirmed by the broker and never stored`;
  return [{ check: 'log-complete', problem, look: 'logs.db: record' }];
}
