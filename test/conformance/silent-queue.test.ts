// Goal: a damaged queue is deleted and declared again, and one that is only slow never loses a message. Method: a proxy that keeps a queue's answers back.
import { connect, type Channel } from 'amqplib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { release } from '../../src/contracts/inventory.ts';
import { ClosingStack } from '../../src/kernel/closing.ts';
import { liveIds, liveRandom } from '../../src/kernel/live.ts';
import { openAmqpBus } from '../../src/messaging/amqp-bus.ts';
import { outgoing, type Bus } from '../../src/messaging/bus.ts';
import { deleteTopology, namesOf } from '../../src/messaging/topology.ts';
import { fastClock } from '../support/fast-clock.ts';
import { startSilencingProxy, type SilencingProxy } from '../support/silencing-proxy.ts';
import { BROKERS } from './brokers.ts';

const orderId = '0192f0c1-7d3a-7c3e-9d2e-1a2b3c4d5e6f';
const clock = fastClock(10);
const timeout = 30_000;

describe.each(BROKERS.filter((each) => !each.isSkipped))('$title', (kind) => {
  const names = namesOf(`t${liveIds.hex(8)}`);
  const queue = names.queueOf('inventory');
  let closing: ClosingStack;
  let channel: Channel;
  let proxy: SilencingProxy;
  let bus: Bus;
  let warnings: string[];
  const seen: string[] = [];

  beforeEach(async () => {
    closing = new ClosingStack();
    warnings = [];
    seen.length = 0;
    const broker = closing.use(await kind.open());
    const connection = await connect(broker.url);
    closing.defer(() => connection.close());
    channel = await connection.createChannel();
    closing.defer(() => deleteTopology(channel, names));
    const { port } = new URL(broker.url);
    proxy = closing.use(await startSilencingProxy(Number(port)));
    bus = closing.use(
      await openAmqpBus({
        url: `amqp://guest:guest@127.0.0.1:${proxy.port}`,
        names,
        client: 'test',
        clock,
        random: liveRandom,
        logger: { log: (level, text) => void (level === 'warn' && warnings.push(text)) },
        openWithinMs: 100_000,
      }),
    );
    const routing = { exchange: names.commands, routingKey: 'inventory', id: 'kept' };
    const { outcome } = await bus.publish(outgoing(release, { orderId }, routing));
    expect(outcome).toBe('confirmed');
  });
  afterEach(() => closing[Symbol.asyncDispose]());

  const consume = (): Promise<unknown> =>
    bus.consume(queue, 10, (delivery) => {
      if (delivery.content.ok) seen.push(delivery.content.message.id);
      delivery.ack();
    });
  const healed = (): string[] => warnings.filter((each) => each.includes('deleted and declared'));

  test(
    'a queue that is silent at every look, beside a new one that works, is declared again',
    async () => {
      let asked = 0;
      proxy.isSilent = (name) => name === queue && healed().length === 0 && ++asked > 0;
      await consume();
      expect(healed()).toEqual([`queue ${queue} did not answer: deleted and declared again`]);
      // The bus consumes; then three looks count, and consume.
      expect(asked).toBeGreaterThanOrEqual(7);
      await expect.poll(() => bus.isConnected()).toBe(true);
      const routing = { exchange: names.commands, routingKey: 'inventory', id: 'fresh' };
      await expect
        .poll(async () => (await bus.publish(outgoing(release, { orderId }, routing))).outcome, {
          timeout,
        })
        .toBe('confirmed');
      await expect.poll(() => seen, { timeout }).toContain('fresh');
    },
    timeout,
  );

  test(
    'nothing is deleted on a broker where new queues are silent too',
    async () => {
      proxy.isSilent = () => true;
      void consume();
      await expect
        .poll(() => warnings.filter((each) => each.includes('is not healed')).length, { timeout })
        .toBeGreaterThan(2);
      expect(healed()).toEqual([]);
      proxy.isSilent = () => false;
      await expect.poll(() => seen, { timeout }).toContain('kept');
    },
    timeout,
  );

  test(
    'a queue that answers at last keeps its messages',
    async () => {
      let asked = 0;
      // The bus itself, and the first look.
      proxy.isSilent = (name) => name === queue && asked++ < 3;
      await consume();
      expect(asked).toBeGreaterThan(3);
      await expect.poll(() => seen, { timeout }).toContain('kept');
      expect(healed()).toEqual([]);
    },
    timeout,
  );

  test(
    'dead letters get a minute',
    async () => {
      const { deadLetterQueue } = names;
      proxy.isSilent = (name) => name === deadLetterQueue && healed().length === 0;
      const startedAt = clock.elapsed();
      await consume();
      expect(healed()).toEqual([
        `queue ${deadLetterQueue} did not answer: deleted and declared again`,
      ]);
      expect(clock.elapsed() - startedAt).toBeGreaterThan(60_000);
    },
    timeout,
  );
});
