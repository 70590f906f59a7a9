/** Invariants of the ledger: who keeps the books pays for them once, and nobody else pays. Pure. */
import type { OrderDetail } from '../../contracts/orders.ts';
import { formatMoney } from '../../kernel/money.ts';
import { plannedOrders, type Plan } from '../plan.ts';
import { isStanding, namesById, standingOrders, type Breach } from './breach.ts';
import { acceptedOrders, netPaidCents, type Observations } from './observations.ts';

export function wrongPayments(plan: Plan, seen: Observations): Breach[] {
  const price = pricesOf(plan);
  const ofOrders = acceptedOrders(seen).flatMap(({ name, detail }) => {
    const captures = seen.payments
      .filter(({ orderId }) => orderId === detail.id)
      .reduce((sum, each) => sum + each.captures, 0);
    const paid = netPaidCents(seen, detail.id);
    const due = isStanding(detail) ? price(name, detail) : 0;
    const isRight = paid === due && (!isStanding(detail) || captures === 1);
    if (isRight) return [];
    const times = `${captures} ${captures === 1 ? 'capture' : 'captures'}`;
    const problem = `${name} is ${detail.status}: ${times}, net ${formatMoney(paid)} instead of ${formatMoney(due)}`;
    return [{ order: name, problem }];
  });
  return [...ofOrders, ...paidForNothing(seen)];
}

/** A charge without an order that the scenario knows. */
function paidForNothing(seen: Observations): Breach[] {
  const names = namesById(seen);
  const foreign = [...new Set(seen.payments.map(({ orderId }) => orderId))];
  return foreign
    .filter((orderId) => !names.has(orderId) && netPaidCents(seen, orderId) !== 0)
    .map((orderId) => {
      const paid = formatMoney(netPaidCents(seen, orderId));
      return { problem: `${paid} kept for the foreign order ${orderId}` };
    });
}

/** What an order costs by the prices of the scenario; the shop's own sum only for books that are not its. */
function pricesOf(plan: Plan): (name: string, detail: OrderDetail) => number {
  const books = new Map(plan.books.map(({ ref, priceCents }) => [ref, priceCents]));
  const prices = new Map(
    plannedOrders(plan).map(({ name, book, quantity }) => {
      const price = books.get(book);
      return [name, price === undefined ? undefined : price * quantity];
    }),
  );
  return (name, detail) => prices.get(name) ?? detail.totalCents ?? 0;
}

export function wrongSum(plan: Plan, seen: Observations): Breach[] {
  const price = pricesOf(plan);
  const paid = seen.payments.reduce(
    (sum, each) => sum + each.capturedCents - each.refundedCents,
    0,
  );
  const due = standingOrders(seen).reduce((sum, { name, detail }) => sum + price(name, detail), 0);
  if (paid === due) return [];
  return [{ problem: `${formatMoney(paid)} kept, but orders for ${formatMoney(due)} stand` }];
}
