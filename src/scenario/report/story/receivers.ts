/** Who a message is meant for, when nobody was seen to get it. */

/** An order that comes over HTTP passes the mediator's points under this name. */
export const ORDER_PLACE_MESSAGE = 'order.place';

/** Answers go to the mediator, commands to the part they are named for, events to whoever writes mails. */
export function receiverOf(message: string, sender: string): string {
  if (sender !== 'mediator') return 'mediator';
  const owner = message.slice(0, message.indexOf('.'));
  return owner === 'order' || owner === '' ? 'notification' : owner;
}
