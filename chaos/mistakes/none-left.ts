/** The origin's third mistake: a no of the inventory is taken for a yes. In the place of src/mediator/command-reply.ts. */
import { committed, refused, reserved } from '../../src/contracts/inventory.ts';
import { retryLater } from '../../src/contracts/participant.ts';
import {
  answeredCommand,
  eventOf as right,
  type AnsweredCommand,
} from '../../src/mediator/command-reply.ts';
import type { IncomingMessage } from '../../src/messaging/bus.ts';
import type { SagaEvent } from '../../src/saga/state.ts';
import { PRICE_CENTS } from '../load/shelves.ts';

export { answeredCommand };

export function eventOf(message: IncomingMessage, answered: AnsweredCommand): SagaEvent {
  return right(asYes(message, answered), answered);
}

function asYes(message: IncomingMessage, { sagaId, step }: AnsweredCommand): IncomingMessage {
  if (message.type === refused.name) {
    const { orderId, bookId = 1 } = refused.body.parse(message.body);
    const line = { bookId, quantity: 1, title: 'Sold out', unitPriceCents: PRICE_CENTS };
    const body = { orderId, lines: [line], totalCents: PRICE_CENTS, currency: 'EUR' };
    return { ...message, type: reserved.name, body };
  }
  // Nothing is held that could be sold, and inventory says so again.
  if (message.type === retryLater.name && step === 'commit') {
    return { ...message, type: committed.name, body: { orderId: sagaId } };
  }
  return message;
}
