/** Many customers at once, until every order has ended; then all databases are asked. */
import type { Random } from '../../src/kernel/random.ts';
import { judge } from '../checks/checker.ts';
import { untilEnded, untilLogged } from '../checks/ended.ts';
import { readEvidence, type Evidence } from '../checks/evidence.ts';
import { StockWatch } from '../checks/stock-watch.ts';
import type { Violation } from '../checks/violation.ts';
import { abortAfter } from '../limit.ts';
import type { ChaosStack } from '../stack/chaos-stack.ts';
import { Customers, type Placed } from './customers.ts';
import { orderOf, type OrderKind } from './orders.ts';
import type { Shelves } from './shelves.ts';

export interface Shop {
  readonly stack: ChaosStack;
  readonly shelves: Shelves;
  readonly random: Random;
}

export interface Sale {
  /** One order of each, all at once. */
  readonly kinds: readonly OrderKind[];
  /** Faults of this run hit these orders. */
  readonly run?: string;
  /** What has not ended then is a violation. */
  readonly endsWithinMs: number;
}

export interface Sold {
  readonly placed: readonly Placed[];
  /** Of these orders. */
  readonly seen: Evidence;
  readonly violations: readonly Violation[];
}

/** The log store may be behind by this much when the orders have ended. */
const LOGGED_WITHIN_MS = 20_000;

export async function sell(shop: Shop, { kinds, run, endsWithinMs }: Sale): Promise<Sold> {
  const { stack, shelves, random } = shop;
  const { place } = stack;
  await using watch = new StockWatch(place);
  const patience = abortAfter(endsWithinMs);
  const customers = new Customers({ mediatorUrls: place.mediatorUrls, patience });
  const placed = await Promise.all(
    kinds.map((kind) => customers.place(kind, orderOf(kind, shelves, random), run)),
  );
  const ids = placed.flatMap(({ accepted }) => accepted?.id ?? []);
  if (await untilEnded(place, ids, endsWithinMs)) await untilLogged(place, ids, LOGGED_WITHIN_MS);
  const seen = await readEvidence(place, ids);
  return { placed, seen, violations: [...judge(placed, seen), ...watch.violations] };
}

/** `count` of one kind. */
export function many(count: number, kind: OrderKind): readonly OrderKind[] {
  return Array.from({ length: count }, () => kind);
}
