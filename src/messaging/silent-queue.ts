/**
 * Queues that exist and do not answer: RabbitMQ can leave one behind when it is killed while the queue is young.
 * Declaring such a queue succeeds, publishes are never confirmed, consumers never begin.
 */
import type { Channel, ConsumeMessage } from 'amqplib';

import { messageOf, OutcomeUnknownError } from '../kernel/errors.ts';
import type { AmqpLink } from './amqp-link.ts';

/** A healthy queue begins to deliver within milliseconds, and elects a leader within a second or so. */
const CONSUME_WITHIN_MS = 4_000;
const ANSWER_WITHIN_MS = 5_000;

/** Not reported to anybody: the bus heals the queue and tries again. */
export class SilentQueue extends Error {
  readonly queue: string;

  constructor(queue: string, cause: unknown) {
    super(`queue ${queue} does not answer: ${messageOf(cause)}`, { cause });
    this.queue = queue;
  }
}

export interface Consumption {
  readonly queue: string;
  readonly prefetch: number;
  /** Null when the broker cancels. */
  readonly onMessage: (raw: ConsumeMessage | null) => void;
  /** How long the queue may take to begin. */
  readonly withinMs?: number;
}

/** Answers the consumer's tag. @throws SilentQueue when the broker does not say that consuming begins. */
export async function startConsuming(
  link: AmqpLink,
  channel: Channel,
  { queue, prefetch, onMessage, withinMs = CONSUME_WITHIN_MS }: Consumption,
): Promise<string> {
  const begin = async (): Promise<string> => {
    await channel.prefetch(prefetch);
    return (await channel.consume(queue, onMessage)).consumerTag;
  };
  return link
    .within(withinMs, 'consuming', begin())
    .catch((error: unknown) => throwSilent(queue, error));
}

/** No answer, "not found" right after it was declared, and "internal error" all mean that it has no leader. */
function throwSilent(queue: string, error: unknown): never {
  const isSilent = error instanceof OutcomeUnknownError || /; (404|541) /.test(messageOf(error));
  throw isSilent ? new SilentQueue(queue, error) : error;
}

/** How many messages wait in a queue. @throws Error when there is no such queue, or no answer. */
export async function countMessages(link: AmqpLink, queue: string): Promise<number> {
  const channel = await link.openChannel();
  // Without a listener it would end the process; whoever waits for the answer hears of it too.
  channel.on('error', () => undefined);
  const count = link.within(ANSWER_WITHIN_MS, 'counting', channel.checkQueue(queue));
  const { messageCount } = await count;
  await link.within(ANSWER_WITHIN_MS, 'closing', channel.close());
  return messageCount;
}

/**
 * Sees whether a queue answers, without disturbing one that holds messages: it does, or it could not count them.
 * @throws SilentQueue when it does not.
 */
export async function probeQueue(
  link: AmqpLink,
  queue: string,
  withinMs = CONSUME_WITHIN_MS,
): Promise<void> {
  const channel = await link.openChannel();
  // Without a listener it would end the process; whoever waits for the answer hears of it too.
  channel.on('error', () => undefined);
  const count = link.within(ANSWER_WITHIN_MS, 'counting', channel.checkQueue(queue));
  const { messageCount } = await count.catch((error: unknown) => throwSilent(queue, error));
  const close = (): Promise<void> => link.within(ANSWER_WITHIN_MS, 'closing', channel.close());
  if (messageCount > 0) return close();
  // What it takes in this moment goes back when the channel closes.
  await startConsuming(link, channel, { queue, prefetch: 1, onMessage: () => undefined, withinMs });
  await close();
}
