/**
 * Our broker beside a real RabbitMQ in the same run: `npx tsx bench/broker.ts [amqp-url]` (about 20 s).
 * Broker and responder run in processes of their own; look at the ratios, not at the digits.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { connect, type Channel, type ChannelModel } from 'amqplib';

import { runBroker } from '../src/broker/main.ts';
import { liveClock, liveIds } from '../src/kernel/live.ts';

const WARM_UP_MS = 200;
const MEASURE_MS = 700;
const RABBITMQ_URL = process.argv[2] ?? 'amqp://guest:guest@127.0.0.1:5672';
const SMALL = Buffer.alloc(256, 'x');
const LARGE = Buffer.alloc(1_024, 'x');

interface Result {
  readonly perSecond: number;
  readonly p50Ms: number;
}

/** Stands in for a RabbitMQ that does not answer. */
const NOTHING: Result = { perSecond: NaN, p50Ms: NaN };

/** One request at a time, over and over; answers when the reply is there. */
type Exchange = () => Promise<void>;

interface Row {
  readonly name: string;
  run(url: string): Promise<Result>;
}

/** Keeps `width` exchanges in flight and counts those of the measured window. */
async function measure(width: number, exchange: Exchange): Promise<Result> {
  const start = liveClock.elapsed() + WARM_UP_MS;
  const end = start + MEASURE_MS;
  const samples: number[] = [];
  const lane = async (): Promise<void> => {
    for (let began = liveClock.elapsed(); began < end; began = liveClock.elapsed()) {
      await exchange();
      if (began >= start) samples.push(liveClock.elapsed() - began);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  samples.sort((left, right) => left - right);
  return {
    perSecond: (samples.length * 1_000) / MEASURE_MS,
    p50Ms: samples[Math.floor(samples.length / 2)] ?? NaN,
  };
}

async function withConnection<T>(
  url: string,
  use: (model: ChannelModel) => Promise<T>,
): Promise<T> {
  const model = await connect(url, { noDelay: true });
  try {
    return await use(model);
  } finally {
    await model.close();
  }
}

/** Pairs replies with requests by correlation id. */
async function requester(channel: Channel, target: string, replyTo: string): Promise<Exchange> {
  const waiting = new Map<string, () => void>();
  let next = 0;
  await channel.consume(
    replyTo,
    (message) => {
      const id = String(message?.properties.correlationId);
      waiting.get(id)?.();
      waiting.delete(id);
    },
    { noAck: true },
  );
  return () =>
    new Promise((resolve) => {
      const correlationId = String(next++);
      waiting.set(correlationId, resolve);
      channel.sendToQueue(target, SMALL, { correlationId, replyTo });
    });
}

function rpc(width: number, isDirect: boolean): Row {
  const style = isDirect ? 'direct reply-to' : 'reply queue';
  return {
    name: `RPC, ${style}, ${width} in flight`,
    run: (url) =>
      withConnection(url, async (model) => {
        const target = `bench.${liveIds.hex(6)}`;
        const responder = await startChild('responder', url, target);
        const channel = await model.createChannel();
        const reply = isDirect
          ? 'amq.rabbitmq.reply-to'
          : (await channel.assertQueue('', { exclusive: true })).queue;
        const result = await measure(width, await requester(channel, target, reply));
        await stopChild(responder);
        return result;
      }),
  };
}

function confirmed(width: number): Row {
  return {
    name: `confirmed persistent 1 KiB, ${width} unconfirmed`,
    run: (url) =>
      withConnection(url, async (model) => {
        const channel = await model.createConfirmChannel();
        const queue = `bench.${liveIds.hex(6)}`;
        await channel.assertQueue(queue, { durable: true });
        const result = await measure(
          width,
          () =>
            new Promise((resolve, reject) => {
              const done = (error: unknown): void =>
                error === null ? resolve() : reject(new Error('refused'));
              channel.sendToQueue(queue, LARGE, { persistent: true }, done);
            }),
        );
        await channel.deleteQueue(queue);
        return result;
      }),
  };
}

/** One publisher keeps some messages ahead of acking consumers on `queues` queues of a topic exchange. */
function flow(queues: number): Row {
  return {
    name: queues === 1 ? 'flow, prefetch 100, acks' : `topic fan-out to ${queues}, deliveries`,
    run: (url) =>
      withConnection(url, (publisher) =>
        withConnection(url, async (consumer) => {
          const exchange = `bench.${liveIds.hex(6)}`;
          const source = await publisher.createChannel();
          const sink = await consumer.createChannel();
          await source.assertExchange(exchange, 'topic', { durable: false, autoDelete: true });
          await sink.prefetch(100);
          const arrived: (() => void)[] = [];
          for (let i = 0; i < queues; i++) {
            const { queue } = await sink.assertQueue('', { exclusive: true });
            await sink.bindQueue(queue, exchange, 'a.*');
            await sink.consume(queue, (message) => {
              if (message === null) return;
              sink.ack(message);
              arrived.shift()?.();
            });
          }
          const result = await measure(200, () => {
            source.publish(exchange, 'a.b', SMALL);
            return new Promise((resolve) => {
              for (let i = 1; i < queues; i++) arrived.push(() => undefined);
              arrived.push(resolve);
            });
          });
          return { ...result, perSecond: result.perSecond * queues };
        }),
      ),
  };
}

const CONNECTING: Row = {
  name: 'connect, channel, close',
  run: (url) =>
    measure(1, () => withConnection(url, async (model) => void (await model.createChannel()))),
};

const ROWS: readonly Row[] = [
  ...[1, 16, 64].map((width) => rpc(width, false)),
  ...[1, 16, 64].map((width) => rpc(width, true)),
  ...[1, 64].map(confirmed),
  flow(1),
  flow(8),
  CONNECTING,
];

/** Runs this file again in another process; it says when it is ready. */
async function startChild(...args: readonly string[]): Promise<ChildProcess> {
  const child = fork(fileURLToPath(import.meta.url), args);
  await once(child, 'message');
  return child;
}

async function stopChild(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.send('stop');
  await gone;
}

async function respond(url: string, queue: string): Promise<void> {
  await withConnection(url, async (model) => {
    const channel = await model.createChannel();
    await channel.assertQueue(queue, { durable: false, autoDelete: true });
    await channel.consume(queue, (message) => {
      if (message === null) return;
      const { replyTo, correlationId } = message.properties;
      channel.sendToQueue(String(replyTo), message.content, {
        correlationId: String(correlationId),
      });
      channel.ack(message);
    });
    process.send?.('ready');
    await once(process, 'message');
  });
  process.disconnect();
}

async function serve(dataFile: string): Promise<void> {
  const stop = new AbortController();
  process.once('message', () => stop.abort());
  await runBroker({ port: 0, dataFile, clock: liveClock }, stop.signal, ({ url }) => {
    process.send?.(url);
  });
  process.disconnect();
}

function show({ perSecond, p50Ms }: Result): string {
  return `${perSecond.toFixed(0).padStart(7)}/s ${p50Ms.toFixed(2).padStart(7)} ms`;
}

async function compare(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wonderland-bench-'));
  const child = fork(fileURLToPath(import.meta.url), ['broker', join(folder, 'broker.db')]);
  const [url] = (await once(child, 'message')) as [string];
  process.stdout.write(
    `${''.padEnd(40)}${'ours'.padStart(20)}${'RabbitMQ'.padStart(21)}   ratio\n`,
  );
  for (const row of ROWS) {
    const theirs = await row.run(RABBITMQ_URL).catch(() => NOTHING);
    const ours = await row.run(url);
    const ratio = (ours.perSecond / theirs.perSecond).toFixed(2);
    process.stdout.write(
      `${row.name.padEnd(40)}${show(ours)}${show(theirs)}  ${ratio.padStart(6)}\n`,
    );
  }
  await stopChild(child);
  await rm(folder, { recursive: true });
}

const [role, ...rest] = process.argv.slice(2);
if (role === 'responder') await respond(rest[0] ?? '', rest[1] ?? '');
else if (role === 'broker') await serve(rest[0] ?? '');
else await compare();
