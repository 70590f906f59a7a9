/** Invariants of orders: placed once, ended once, and once in the customer's history. Pure. */
import { FINAL_STATUSES } from '../../contracts/orders.ts';
import type { Plan } from '../plan.ts';
import { isStanding, type Breach } from './breach.ts';
import { acceptedOrders, type Observations } from './observations.ts';

/** One saga for each order that was accepted, however often its customer clicked, and no other. */
export function orderedTwice(_plan: Plan, seen: Observations): Breach[] {
  const foreign = seen.strays.map(({ orderId, order }): Breach => {
    if (order === undefined) return { problem: `${orderId} is an order that nobody placed` };
    return { order, problem: `${order} has another saga, ${orderId}` };
  });
  const owners = new Map<string, string>();
  const shared = acceptedOrders(seen).flatMap(({ name, detail }): Breach[] => {
    const owner = owners.get(detail.id);
    owners.set(detail.id, owner ?? name);
    if (owner === undefined) return [];
    return [{ order: name, problem: `${owner} and ${name} are one saga, ${detail.id}` }];
  });
  return [...foreign, ...shared];
}

/** The ways in which an order may end; a confirmed one is shipped later, or cancelled before. */
const LIVES = ['rejected', 'cancelled', 'confirmed', 'confirmed,shipped', 'confirmed,cancelled'];

export function wrongEndings(_plan: Plan, seen: Observations): Breach[] {
  // Its customer was told yes, and no saga is there: the worst ending of all.
  const gone = seen.orders
    .filter((each) => each.placedAtMs !== undefined && each.refusal === undefined)
    .filter(({ detail }) => detail === undefined)
    .map(({ name }) => ({ order: name, problem: `${name} was accepted, and is gone` }));
  const wrong = acceptedOrders(seen).flatMap(({ name, detail }): Breach[] => {
    const { status, open, timeline } = detail;
    const endings = timeline.filter(({ event }) => FINAL_STATUSES.some((each) => each === event));
    if (open) return [{ order: name, problem: `${name} is ${status} and still open` }];
    const said = endings.map(({ event }) => event);
    if (said.at(-1) === status && LIVES.some((life) => life === said.join())) return [];
    const events = said.join(' and ') || 'not ended';
    return [{ order: name, problem: `${name} is ${status}, but its log says ${events}` }];
  });
  return [...gone, ...wrong];
}

export function wrongRecords(_plan: Plan, seen: Observations): Breach[] {
  return acceptedOrders(seen).flatMap(({ name, detail }) => {
    const records = seen.records
      .filter(({ orderId }) => orderId === detail.id)
      .reduce((sum, each) => sum + each.records, 0);
    const due = isStanding(detail) ? 1 : 0;
    if (records === due) return [];
    return [
      { order: name, problem: `${name} is ${detail.status} and ${records} times in a history` },
    ];
  });
}
