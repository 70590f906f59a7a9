/** The yardstick: amqplib request/reply on the same broker, the responder in a process of its own. */
import { execaNode } from 'execa';
import { connect, type Channel } from 'amqplib';

import { liveClock, liveIds } from '../src/kernel/live.ts';
import { percentile } from './percentile.ts';

export interface RoundTripFigures {
  readonly perSecond: number;
  readonly ms: readonly [number, number];
}

const BODY = Buffer.alloc(256, 'x');

export async function measureRoundTrips(
  url: string,
  { parallel, forMs }: { parallel: number; forMs: number },
): Promise<RoundTripFigures> {
  const queue = `bench.${liveIds.hex(4)}`;
  const responder = execaNode(`${import.meta.dirname}/responder.mjs`, [url, queue], { ipc: true });
  responder.catch(() => undefined);
  await responder.getOneMessage();
  const connection = await connect(url, { noDelay: true });
  try {
    return await run(await connection.createChannel(), { queue, parallel, forMs });
  } finally {
    await connection.close();
    responder.kill();
    await responder.catch(() => undefined);
  }
}

async function run(
  channel: Channel,
  { queue, parallel, forMs }: { queue: string; parallel: number; forMs: number },
): Promise<RoundTripFigures> {
  const { queue: replyTo } = await channel.assertQueue('', { exclusive: true });
  const waiting = new Map<string, () => void>();
  await channel.consume(
    replyTo,
    (reply) => waiting.get(String(reply?.properties.correlationId))?.(),
    {
      noAck: true,
    },
  );
  const times: number[] = [];
  const until = liveClock.elapsed() + forMs;
  const loop = async (name: string): Promise<void> => {
    for (let i = 0; liveClock.elapsed() < until; i++) {
      const correlationId = `${name}-${i}`;
      const started = liveClock.elapsed();
      await new Promise<void>((resolve) => {
        waiting.set(correlationId, resolve);
        channel.sendToQueue(queue, BODY, { correlationId, replyTo });
      });
      waiting.delete(correlationId);
      times.push(liveClock.elapsed() - started);
    }
  };
  await Promise.all(Array.from({ length: parallel }, (_, index) => loop(String(index))));
  return {
    perSecond: times.length / (forMs / 1_000),
    ms: [percentile(times, 50), percentile(times, 99)],
  };
}
