/** Deletes and declares a queue that is damaged: silent for long, over several looks, on a broker that works otherwise. */
import type { ConfirmChannel } from 'amqplib';

import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { AmqpLink, type LinkOptions } from './amqp-link.ts';
import { probeQueue, SilentQueue } from './silent-queue.ts';
import { declareQueue, topologyOf, type Names } from './topology.ts';

/** One silence may be a slow disk. */
const LOOKS = 3;
const LOOK_MS = 3_000;
/** What a broker that was stalled owes comes in any order once it goes on. */
const GRACE_MS = 1_000;
/** What these hold nobody sends again, and a long one says nothing while RabbitMQ reads it in after a start. */
const IRREPLACEABLE_SILENT_MS = 60_000;
/** The silent queue stays asked for as long as a look may take. */
const ASKED_FOR_MS = 60_000;
const ANSWER_WITHIN_MS = 5_000;
/** RabbitMQ itself gives such a queue 5 s before it removes it by force. */
const DELETE_WITHIN_MS = 20_000;
/** Should whoever compares die, nothing is left behind. */
const CONTROL_EXPIRES_MS = 60_000;
/** Somebody else is at it: look again then. */
const LOOK_AGAIN_MS = 2_000;

export interface HealingOptions extends LinkOptions {
  readonly names: Names;
  readonly logger: Logger;
  /** Nothing is deleted any more once it aborts. */
  readonly signal: AbortSignal;
}

/**
 * Deletes and declares a queue that is damaged. What it held is lost: sagas send their commands again. Only one
 * process at a time does it; the others come back later.
 * @throws Error when the broker did not prove that it works, or the deletion failed: the next reconnect comes back to it.
 */
export async function healQueue(queue: string, options: HealingOptions): Promise<void> {
  const link = await AmqpLink.open({ ...options, client: `${options.client}, healing ${queue}` });
  try {
    if (!(await lock(link, queue))) {
      return await options.clock.sleep(LOOK_AGAIN_MS, options.signal);
    }
    if (!(await isDamaged(queue, options))) return;
    const channel = await link.openChannel();
    channel.on('error', () => undefined);
    await link.within(DELETE_WITHIN_MS, `deleting ${queue}`, channel.deleteQueue(queue));
    const declaration = topologyOf(options.names).queues.find((each) => each.name === queue);
    if (declaration !== undefined)
      await link.within(ANSWER_WITHIN_MS, `declaring ${queue}`, declareQueue(channel, declaration));
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

/** Silent at every look, while a new queue of the same kind worked. @throws Error when that one did not. */
async function isDamaged(queue: string, options: HealingOptions): Promise<boolean> {
  const { clock, names, signal } = options;
  const isIrreplaceable = [names.deadLetterQueue, names.queueOf('logging')].includes(queue);
  const silentMs = isIrreplaceable ? IRREPLACEABLE_SILENT_MS : 0;
  const since = clock.elapsed();
  for (let looks = 1; ; looks++) {
    const isSilent = !(await answers(queue, options));
    if (!isSilent || signal.aborted) return false;
    if (looks >= LOOKS && clock.elapsed() - since >= silentMs) return true;
  }
}

/**
 * One look, over a connection of its own: RabbitMQ ends the one that still waits for a queue when that is deleted.
 * The queue stays asked while another one proves that the broker works: had the broker stalled, it would answer now.
 */
async function answers(queue: string, options: HealingOptions): Promise<boolean> {
  const { clock, client, signal } = options;
  const link = await AmqpLink.open({ ...options, client: `${client}, probing ${queue}` });
  try {
    const asking = probeQueue(link, queue, ASKED_FOR_MS).then(
      () => true,
      (error: unknown) => {
        if (error instanceof SilentQueue) return false;
        throw error;
      },
    );
    // Whoever leaves early does not wait for it.
    asking.catch(() => undefined);
    const pause = clock.sleep(LOOK_MS, signal).then(() => undefined);
    const first = await Promise.race([asking, pause]);
    if (first === true) return true;
    // An error came at once; the silence has to last all the same.
    await pause;
    await compare(`${queue}.healing-control`, options);
    return (await Promise.race([asking, clock.sleep(GRACE_MS, signal)])) === true;
  } finally {
    link.destroy('probed');
  }
}

/** @throws Error when a new queue does not take and hand out a message promptly: then silence proves nothing. */
async function compare(control: string, options: HealingOptions): Promise<void> {
  const link = await AmqpLink.open({ ...options, client: `${options.client}, comparing` });
  try {
    const channel = await link.openConfirmChannel();
    channel.on('error', () => undefined);
    // One that was left behind may be damaged itself.
    await link.within(DELETE_WITHIN_MS, 'clearing up', channel.deleteQueue(control));
    await link.within(LOOK_MS, 'a new queue on the same broker', roundTrip(channel, control));
    await link.within(DELETE_WITHIN_MS, 'clearing up', channel.deleteQueue(control));
  } finally {
    link.destroy('compared');
  }
}

async function roundTrip(channel: ConfirmChannel, queue: string): Promise<void> {
  const kind = { 'x-queue-type': 'quorum', 'x-expires': CONTROL_EXPIRES_MS };
  await channel.assertQueue(queue, { durable: true, arguments: kind });
  let onDelivery = (): void => undefined;
  const delivered = new Promise<void>((resolve) => {
    onDelivery = resolve;
  });
  await channel.consume(queue, (raw) => void (raw !== null && onDelivery()), { noAck: true });
  channel.sendToQueue(queue, Buffer.from('control'), { persistent: true });
  await channel.waitForConfirms();
  await delivered;
}
