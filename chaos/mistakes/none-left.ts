/** The origin's third mistake: "none left" is taken for a yes. In the place of src/mediator/command-reply.ts. */
import { refused, reserved } from '../../src/contracts/inventory.ts';
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
  if (message.type !== refused.name) return right(message, answered);
  const { orderId, bookId = 1 } = refused.body.parse(message.body);
  const line = { bookId, quantity: 1, title: 'Sold out', unitPriceCents: PRICE_CENTS };
  const body = { orderId, lines: [line], totalCents: PRICE_CENTS, currency: 'EUR' };
  return right({ ...message, type: reserved.name, body }, answered);
}
