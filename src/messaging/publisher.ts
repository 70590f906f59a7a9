/** Publishing until it is confirmed: under the same id, so that a second copy does no harm. */
import type { Clock } from '../kernel/clock.ts';
import { RejectedError } from '../kernel/errors.ts';
import type { LogFields, Logger } from '../kernel/logger.ts';
import type { Bus, OutgoingMessage, PublishOutcome, RawMessage } from './bus.ts';
import { rawOutgoing } from './wire.ts';

const FIRST_PAUSE_MS = 20;
const LAST_PAUSE_MS = 2_000;
/** Our own queues are never missing for longer: whoever loses its connection declares them again. */
const MISSING_AT_MOST_MS = 10_000;

export interface PublisherOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Gives up when aborted: the part is closing. */
  readonly signal: AbortSignal;
}

/** What faults and recordings want of it. */
export interface Watched {
  /** What became of each try. */
  readonly onOutcome?: (result: PublishOutcome) => void;
  /** What is sent instead of the message. */
  readonly mangle?: ((raw: RawMessage) => RawMessage) | undefined;
  /** Who sends it then. */
  readonly sender?: string;
}

/**
 * Publishes a durable message again and again until the broker has it; a transient one once.
 * Answers false when it was given up because the part is closing or the message was transient.
 * @throws RejectedError `no-reply-queue` for an answer that found no queue over 10 s: its address came from outside.
 */
export async function publishUntilConfirmed(
  message: OutgoingMessage,
  options: PublisherOptions & Watched,
): Promise<boolean> {
  const { type: what, id: messageId, correlationId: orderId } = message;
  const publish = async (): Promise<PublishOutcome> => {
    const result = await publishOnce(message, options);
    options.onOutcome?.(result);
    return result;
  };
  if (!message.durable) return (await publish()).outcome === 'confirmed';
  const address = addressOf(message);
  return untilConfirmed(publish, { ...options, what, facts: { orderId, messageId }, address });
}

function publishOnce(
  message: OutgoingMessage,
  { bus, clock, mangle, sender = '' }: PublisherOptions & Watched,
): Promise<PublishOutcome> {
  if (mangle === undefined) return bus.publish(message);
  return bus.forward(mangle(rawOutgoing(message, sender, clock.now())));
}

/** Publishes bytes as they are until the broker has them. Answers false when the part closed before. */
export function forwardUntilConfirmed(
  raw: RawMessage,
  options: PublisherOptions,
): Promise<boolean> {
  const publish = (): Promise<PublishOutcome> => options.bus.forward(raw);
  return untilConfirmed(publish, { ...options, what: `to ${raw.exchange}`, facts: {} });
}

/** The queue that whoever asked wants the answer in. */
function addressOf({ exchange, routingKey, inReplyTo }: OutgoingMessage): string | undefined {
  return exchange === '' && inReplyTo !== undefined ? routingKey : undefined;
}

interface Persistence extends PublisherOptions {
  readonly what: string;
  readonly facts: LogFields;
  readonly address?: string | undefined;
}

async function untilConfirmed(
  publish: () => Promise<PublishOutcome>,
  { bus, clock, logger, signal, what, facts, address }: Persistence,
): Promise<boolean> {
  let missingSince: number | undefined;
  for (
    let pauseMs = FIRST_PAUSE_MS;
    !signal.aborted;
    pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)
  ) {
    const result = await publish();
    if (result.outcome === 'confirmed') return true;
    const isMissing = result.outcome === 'refused' && result.isUnroutable === true;
    missingSince = isMissing ? (missingSince ?? clock.elapsed()) : undefined;
    if (address !== undefined && clock.elapsed() - (missingSince ?? Infinity) >= MISSING_AT_MOST_MS)
      throw new RejectedError('no-reply-queue', `no queue ${address} takes the answer ${what}`);
    const text = `publishing ${what} ${result.outcome}: ${result.reason}; trying again`;
    // Of a blocked broker the bus has told, once for all messages.
    if (!bus.isBlocked()) logger.log('warn', text, facts);
    await clock.sleep(pauseMs, signal);
  }
  return false;
}
