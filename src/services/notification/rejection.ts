/** The letter after an order without a sale: what went wrong, in words, and that nothing was taken. */
import type { BodyOf } from '../../contracts/message.ts';
import type { orderRejected } from '../../contracts/notification.ts';
import { plainLetter, type Letter } from './letter.ts';

export type Rejected = BodyOf<typeof orderRejected>;

/** Why, by the reason that the inventory, the payment provider or the saga itself gave. */
const EXPLANATIONS: Readonly<Record<string, string>> = {
  'out-of-stock': 'A book you ordered is out of stock at the moment.',
  'unknown-book': 'A book you ordered is not in our catalogue.',
  released: 'The order was withdrawn before the books could be set aside.',
  card_declined: 'Your card was declined by the bank that issued it.',
  insufficient_funds: 'Your card does not have sufficient funds.',
  lost_card: 'Your card was reported lost.',
  expired_card: 'Your card has expired.',
  payer_cannot_pay: 'PayPal could not pay from your account.',
  voided: 'The payment was withdrawn before it was made.',
  'reserve-timeout': 'Our warehouse did not answer in time, so no books were set aside.',
  'reserve-failed': 'Our warehouse could not set the books aside.',
  'charge-timeout': 'The payment was not confirmed in time, so it was withdrawn.',
  'charge-failed': 'The payment could not be made, so it was withdrawn.',
};

export function rejectionLetter({ orderId, customer, reason }: Rejected): Letter {
  return plainLetter({
    template: 'rejection',
    orderId,
    customer,
    subject: `Your order ${orderId} could not be fulfilled`,
    paragraphs: [
      `we are sorry: your order ${orderId} could not be fulfilled.`,
      explain(reason),
      'You pay nothing for it, and no books are held for you. You are welcome to order again.',
    ],
  });
}

/** A sentence for every reason; one that we have no words for is quoted, so that support can look it up. */
export function explain(reason: string): string {
  return EXPLANATIONS[reason] ?? `The reason that was given is "${reason}".`;
}
