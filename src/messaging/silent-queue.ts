/**
 * Queues that exist and do not answer: RabbitMQ can leave one behind when it is killed while the queue is young.
 * Declaring such a queue succeeds, publishes are never confirmed, consumers never begin.
 */
import type { Channel, ConsumeMessage } from 'amqplib';

import { messageOf, OutcomeUnknownError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { AmqpLink, type LinkOptions } from './amqp-link.ts';
import { declareQueue, topologyOf, type Names } from './topology.ts';

/** A healthy queue begins to deliver within milliseconds, and elects a leader within a second or so. */
const CONSUME_WITHIN_MS = 4_000;
/** RabbitMQ itself gives such a queue 5 s before it removes it by force. */
const DELETE_WITHIN_MS = 20_000;
const ANSWER_WITHIN_MS = 5_000;
/** Somebody else is at it: look again then. */
const LOOK_AGAIN_MS = 2_000;

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
}

/** Answers the consumer's tag. @throws SilentQueue when the broker does not say that consuming begins. */
export async function startConsuming(
  link: AmqpLink,
  channel: Channel,
  { queue, prefetch, onMessage }: Consumption,
): Promise<string> {
  const begin = async (): Promise<string> => {
    await channel.prefetch(prefetch);
    return (await channel.consume(queue, onMessage)).consumerTag;
  };
  return link
    .within(CONSUME_WITHIN_MS, 'consuming', begin())
    .catch((error: unknown) => throwSilent(queue, error));
}

/** No answer, "not found" right after it was declared, and "internal error" all mean that it has no leader. */
function throwSilent(queue: string, error: unknown): never {
  const isSilent = error instanceof OutcomeUnknownError || /; (404|541) /.test(messageOf(error));
  throw isSilent ? new SilentQueue(queue, error) : error;
}

/**
 * Sees whether a queue answers, without disturbing one that holds messages: it does, or it could not count them.
 * @throws SilentQueue when it does not.
 */
export async function probeQueue(link: AmqpLink, queue: string): Promise<void> {
  const channel = await link.openChannel();
  // Without a listener it would end the process; whoever waits for the answer hears of it too.
  channel.on('error', () => undefined);
  const count = link.within(ANSWER_WITHIN_MS, 'counting', channel.checkQueue(queue));
  const { messageCount } = await count.catch((error: unknown) => throwSilent(queue, error));
  const close = (): Promise<void> => link.within(ANSWER_WITHIN_MS, 'closing', channel.close());
  if (messageCount > 0) return close();
  // What it takes in this moment goes back when the channel closes.
  await startConsuming(link, channel, { queue, prefetch: 1, onMessage: () => undefined });
  await close();
}

export interface HealingOptions extends LinkOptions {
  readonly names: Names;
  readonly logger: Logger;
}

/**
 * Looks a second time, and deletes and declares a queue that still does not answer. What it held is lost:
 * sagas send their commands again. Only one process at a time does it; the others come back later.
 * @throws Error when the broker or the deletion failed: the next reconnect comes back to it.
 */
export async function healQueue(queue: string, options: HealingOptions): Promise<void> {
  const link = await AmqpLink.open({ ...options, client: `${options.client}, healing ${queue}` });
  try {
    if (!(await lock(link, queue))) return await options.clock.sleep(LOOK_AGAIN_MS);
    if (await answers(queue, options)) return;
    const channel = await link.openChannel();
    channel.on('error', () => undefined);
    await link.within(DELETE_WITHIN_MS, `deleting ${queue}`, channel.deleteQueue(queue));
    await redeclare(link, channel, queue, options.names);
    options.logger.log('warn', `queue ${queue} did not answer: deleted and declared again`);
  } finally {
    // No goodbye: a channel that waits for the old queue would hold it up.
    link.destroy('healed');
  }
}

/** An exclusive queue belongs to one connection and goes with it: that makes it a lock. */
async function lock(link: AmqpLink, queue: string): Promise<boolean> {
  const channel = await link.openChannel();
  channel.on('error', () => undefined);
  const taking = channel.assertQueue(`${queue}.healing`, { exclusive: true, durable: false });
  try {
    await link.within(ANSWER_WITHIN_MS, 'locking', taking);
    return true;
  } catch (error) {
    if (messageOf(error).includes('RESOURCE_LOCKED')) return false;
    throw error;
  }
}

/** Over a connection of its own: RabbitMQ ends the one that still waits for a queue when that is deleted. */
async function answers(queue: string, options: LinkOptions): Promise<boolean> {
  const link = await AmqpLink.open({ ...options, client: `${options.client}, probing ${queue}` });
  try {
    await probeQueue(link, queue);
    return true;
  } catch (error) {
    if (error instanceof SilentQueue) return false;
    throw error;
  } finally {
    link.destroy('probed');
  }
}

async function redeclare(
  link: AmqpLink,
  channel: Channel,
  queue: string,
  names: Names,
): Promise<void> {
  const declaration = topologyOf(names).queues.find((each) => each.name === queue);
  if (declaration === undefined) return;
  await link.within(ANSWER_WITHIN_MS, `declaring ${queue}`, declareQueue(channel, declaration));
}
