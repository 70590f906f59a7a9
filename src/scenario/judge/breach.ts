/** What breaks an invariant, and what most rules of invariants need to know of orders. */
import type { OrderDetail } from '../../contracts/orders.ts';
import type { Plan } from '../plan.ts';
import { acceptedOrders, type AcceptedOrder, type Observations } from './observations.ts';

/** What breaks an invariant, and whose trail explains it. */
export interface Breach {
  readonly problem: string;
  readonly order?: string;
  readonly atMs?: number;
}

/** There should have been something to judge, and there was nothing: why, for people. */
export interface Unproven {
  readonly unproven: string;
}

/** All that breaks it now; undefined when what it is about was not looked at. */
export type Rule = (plan: Plan, seen: Observations) => readonly Breach[] | Unproven | undefined;

/** The orders that are sold and paid. */
export function standingOrders(seen: Observations): AcceptedOrder[] {
  return acceptedOrders(seen).filter(({ detail }) => isStanding(detail));
}

/** Sold and paid; what was taken back before it was shipped is not. */
export function isStanding({ status }: OrderDetail): boolean {
  return status === 'confirmed' || status === 'shipped';
}

/** Names of accepted orders by their real ids. */
export function namesById(seen: Observations): ReadonlyMap<string, string> {
  return new Map(acceptedOrders(seen).map(({ name, detail }) => [detail.id, name]));
}
