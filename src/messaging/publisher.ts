/** Publishing until it is confirmed: under the same id, so that a second copy does no harm. */
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Bus, OutgoingMessage } from './bus.ts';

const FIRST_PAUSE_MS = 20;
const LAST_PAUSE_MS = 2_000;

export interface PublisherOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Gives up when aborted: the part is closing. */
  readonly signal: AbortSignal;
}

/**
 * Publishes a durable message again and again until the broker has it; a transient one once.
 * Answers false when it was given up because the part is closing or the message was transient.
 */
export async function publishUntilConfirmed(
  message: OutgoingMessage,
  { bus, clock, logger, signal }: PublisherOptions,
): Promise<boolean> {
  for (
    let pauseMs = FIRST_PAUSE_MS;
    !signal.aborted;
    pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)
  ) {
    const result = await bus.publish(message);
    if (result.outcome === 'confirmed') return true;
    if (!message.durable) return false;
    logger.log(
      'warn',
      `publishing ${message.type} ${result.outcome}: ${result.reason}; trying again`,
      {
        orderId: message.correlationId,
        messageId: message.id,
      },
    );
    await clock.sleep(pauseMs, signal);
  }
  return false;
}
