/** The orders that the steps of a scenario place, each by its name. */
import type { PaymentMethod } from '../../contracts/payment.ts';
import { defaultMethod, findTestCard } from '../../contracts/test-cards.ts';
import type { Step } from './steps.ts';

/** An order as a scenario means it: names and numbers are the file's own. */
export interface PlannedOrder {
  readonly name: string;
  readonly customer: string;
  readonly book: number;
  readonly quantity: number;
  readonly payment: PaymentMethod;
  /** How often the customer clicks: one order under one key. */
  readonly clicks: number;
}

function methodOf(pay: string | undefined): PaymentMethod {
  const card = pay === undefined ? undefined : findTestCard(pay);
  return card === undefined ? defaultMethod('visa') : { kind: card.kind, token: card.token };
}

/** The orders of one step, `{n}` counted from 1; none when the step places none. */
export function ordersOf({ order, orders }: Step): PlannedOrder[] {
  if (order !== undefined) {
    const { id, pay, ...rest } = order;
    return [{ name: id, ...rest, payment: methodOf(pay) }];
  }
  if (orders === undefined) return [];
  const { count, id, customer, book, quantity, pay } = orders;
  return Array.from({ length: count }, (_, index) => ({
    name: id.replaceAll('{n}', String(index + 1)),
    customer: customer.replaceAll('{n}', String(index + 1)),
    book,
    quantity,
    payment: methodOf(pay),
    clicks: 1,
  }));
}
