/** Sends an order, under one key however often it has to be sent. */
import type { OrderView, PlaceOrder } from '../../contracts/orders.ts';
import { OutcomeUnknownError, UserError } from '../../kernel/errors.ts';
import type { CommandContext } from '../context.ts';
import type { MediatorClient } from '../mediator-client.ts';

export interface Placement {
  readonly client: MediatorClient;
  readonly context: CommandContext;
  readonly order: PlaceOrder;
  /** Sent again with every try, so that a lost answer can't become a second order. */
  readonly key: string;
  /** On the monotonic clock, milliseconds. */
  readonly deadline: number;
}

const PAUSE_MS = 250;
/** The mediator answers at once; what takes longer has been lost on the way. */
const ANSWER_MS = 5_000;

/**
 * Tries again while the mediator is gone or busy.
 * @throws OutcomeUnknownError when the connection was lost and the deadline came before an answer.
 */
export async function placeOrder(placement: Placement): Promise<OrderView> {
  const { client, context, order, key, deadline } = placement;
  for (;;) {
    const limitMs = Math.max(PAUSE_MS, Math.min(ANSWER_MS, deadline - context.clock.elapsed()));
    try {
      return await client.placeOrder(order, { idempotencyKey: key, limitMs });
    } catch (error) {
      if (!(error instanceof UserError) || !error.retryable || context.signal.aborted) throw error;
      if (context.clock.elapsed() + PAUSE_MS >= deadline) throw endOf(error, key);
    }
    await context.clock.sleep(PAUSE_MS, context.signal);
  }
}

function endOf(error: UserError, key: string): Error {
  if (error.code === 'overloaded') return error;
  return new OutcomeUnknownError('The mediator was lost before it said whether it has the order.', {
    hint: `Repeat the command with --idempotency-key ${key}: it can't become a second order.`,
    details: { idempotencyKey: key },
    cause: error,
  });
}
