/** Sends an order, under one key however often it has to be sent. */
import type { OrderView, PlaceOrder } from '../../contracts/orders.ts';
import type { CommandContext } from '../context.ts';
import type { MediatorClient } from '../mediator-client.ts';
import { askUntilAnswered } from './persistence.ts';

export interface Placement {
  readonly client: MediatorClient;
  readonly context: CommandContext;
  readonly order: PlaceOrder;
  /** Sent again with every try, so that a lost answer can't become a second order. */
  readonly key: string;
  /** On the monotonic clock, milliseconds. */
  readonly deadline: number;
}

/**
 * Tries again while the mediator is gone or refuses for now.
 * @throws UserError `overloaded`, `database-unreachable` or `broker-unreachable` when it refused until the deadline.
 * @throws OutcomeUnknownError when an answer was lost and the deadline came before another.
 */
export async function placeOrder(placement: Placement): Promise<OrderView> {
  const { client, order, key } = placement;
  return askUntilAnswered(placement, {
    ask: (limitMs) => client.placeOrder(order, { idempotencyKey: key, limitMs }),
    lost: 'The mediator was lost before it said whether it has the order.',
    hint: `Repeat the command with --idempotency-key ${key}: it can't become a second order.`,
    details: { idempotencyKey: key },
  });
}
