/** The letter with the parcel: which books are on their way. */
import type { BodyOf } from '../../contracts/message.ts';
import type { orderShipped } from '../../contracts/notification.ts';
import { plainLetter, type Letter } from './letter.ts';

export type Shipped = BodyOf<typeof orderShipped>;

export function shippingNote({ orderId, customer, lines }: Shipped): Letter {
  return plainLetter({
    template: 'shipping',
    orderId,
    customer,
    subject: `Your order ${orderId} is on its way`,
    paragraphs: [
      `your order ${orderId} left our warehouse. In the parcel:`,
      lines.map((line) => `${line.quantity} × ${line.title}`).join('\n'),
      'It can no longer be cancelled.',
    ],
  });
}
