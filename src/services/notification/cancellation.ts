/** The letter after a customer took an order back: that it is so, and what becomes of the money. */
import type { BodyOf } from '../../contracts/message.ts';
import type { orderCancelled } from '../../contracts/notification.ts';
import { formatMoney } from '../../kernel/money.ts';
import { plainLetter, type Letter } from './letter.ts';

export type Cancelled = BodyOf<typeof orderCancelled>;

export function cancellationLetter(order: Cancelled): Letter {
  const { orderId, customer } = order;
  return plainLetter({
    template: 'cancellation',
    orderId,
    customer,
    subject: `Your order ${orderId} is cancelled`,
    paragraphs: [
      `your order ${orderId} is cancelled, as you asked.`,
      moneyOf(order),
      'No books are held for you. You are welcome to order again.',
    ],
  });
}

function moneyOf({ refundedCents, currency }: Cancelled): string {
  if (refundedCents === 0) return 'You were not charged for it.';
  return `You get back the ${formatMoney(refundedCents, currency)} that you paid for it.`;
}
