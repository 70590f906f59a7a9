/** Parts in miniature on a broker under test: two consumers of every work queue, and one who publishes to all of them. */
import { release } from '../../src/contracts/inventory.ts';
import { ClosingStack } from '../../src/kernel/closing.ts';
import { liveClock, liveIds, liveRandom } from '../../src/kernel/live.ts';
import type { Logger } from '../../src/kernel/logger.ts';
import { openAmqpBus } from '../../src/messaging/amqp-bus.ts';
import { outgoing, type Bus, type OutgoingMessage } from '../../src/messaging/bus.ts';
import { publishUntilConfirmed } from '../../src/messaging/publisher.ts';
import { namesOf, topologyOf } from '../../src/messaging/topology.ts';

const names = namesOf('');
const { deadLetters, deadLetterQueue } = names;
const WORK_QUEUES = topologyOf(names)
  .queues.map((each) => each.name)
  .filter((name) => name !== deadLetterQueue);
const orderId = '0192f0c1-7d3a-7c3e-9d2e-1a2b3c4d5e6f';
const OPEN_WITHIN_MS = 60_000;
const PAUSE_MS = 5;

export interface BrokerLoad extends AsyncDisposable {
  /** Warnings of all clients so far: what they noticed, and what they did about it. */
  readonly warnings: readonly string[];
  /** Messages that came and went since the start. */
  readonly count: () => number;
  /** A fresh message to every queue: confirmed, and handed to a consumer where the queue has any. */
  roundTrip(signal: AbortSignal): Promise<boolean>;
}

/** Resolves when all clients are connected and consume; then one message after the other goes to each queue. */
export async function startBrokerLoad(url: string): Promise<BrokerLoad> {
  const closing = new ClosingStack();
  const warnings: string[] = [];
  const seen = new Set<string>();
  const open = async (client: string): Promise<Bus> =>
    closing.use(await openBus(url, client, warnings));
  const consumers = await Promise.all([open('first'), open('second')]);
  const publisher = await open('publisher');
  await Promise.all(
    consumers.flatMap((bus) =>
      WORK_QUEUES.map((queue) =>
        bus.consume(queue, 100, (delivery) => {
          if (delivery.content.ok) seen.add(delivery.content.message.id);
          delivery.ack();
        }),
      ),
    ),
  );
  const stop = new AbortController();
  const loads = WORK_QUEUES.map((queue) => keepPublishing(publisher, queue, stop.signal));
  closing.defer(async () => {
    stop.abort();
    await Promise.all(loads);
  });
  return {
    warnings,
    count: () => seen.size,
    roundTrip: (signal) => roundTrip(publisher, seen, signal),
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}

function openBus(url: string, client: string, warnings: string[]): Promise<Bus> {
  const logger: Logger = {
    log: (level, text) => void (level === 'warn' && warnings.push(`${client}: ${text}`)),
  };
  return openAmqpBus({
    url,
    names,
    client,
    clock: liveClock,
    random: liveRandom,
    logger,
    openWithinMs: OPEN_WITHIN_MS,
  });
}

async function keepPublishing(bus: Bus, queue: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await until(bus, messageTo(queue), signal);
    await liveClock.sleep(PAUSE_MS, signal);
  }
}

async function roundTrip(bus: Bus, seen: Set<string>, signal: AbortSignal): Promise<boolean> {
  const markers = WORK_QUEUES.map(messageTo);
  const dead = { ...messageTo(deadLetterQueue), exchange: deadLetters, routingKey: 'unit.test' };
  const confirmed = await Promise.all([...markers, dead].map((each) => until(bus, each, signal)));
  while (!signal.aborted && !markers.every((each) => seen.has(each.id))) {
    await liveClock.sleep(PAUSE_MS, signal);
  }
  return confirmed.every(Boolean) && markers.every((each) => seen.has(each.id));
}

const messageTo = (queue: string): OutgoingMessage =>
  outgoing(release, { orderId }, { exchange: '', routingKey: queue, id: `load:${liveIds.hex(8)}` });

const until = (bus: Bus, message: OutgoingMessage, signal: AbortSignal): Promise<boolean> =>
  publishUntilConfirmed(message, {
    bus,
    clock: liveClock,
    logger: { log: () => undefined },
    signal,
  });
