// Goal: brokers that are killed young, wiped, paused or out of memory heal without an operator. Slow: only on request.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { runTrial, TRIALS } from '../../chaos/broker/trials.ts';
import { release } from '../../src/contracts/inventory.ts';
import { ClosingStack } from '../../src/kernel/closing.ts';
import { liveClock, liveRandom } from '../../src/kernel/live.ts';
import { openAmqpBus } from '../../src/messaging/amqp-bus.ts';
import { outgoing, type PublishOutcome } from '../../src/messaging/bus.ts';
import { namesOf } from '../../src/messaging/topology.ts';
import { startOwnBroker, type KillableBroker } from '../support/killable-broker.ts';
import { isRabbitInstalled, startRabbitNode } from '../support/rabbitmq-node.ts';

// oxlint-disable-next-line node/no-process-env -- a test has no other configuration
const isSlowWanted = process.env['WONDERLAND_SLOW_TESTS'] !== undefined;
const timeout = 300_000;

const KINDS: readonly { title: string; isThere: boolean; start: () => Promise<KillableBroker> }[] =
  [
    { title: 'our broker', isThere: true, start: startOwnBroker },
    { title: 'RabbitMQ', isThere: isRabbitInstalled, start: startRabbitNode },
  ];

let closing: ClosingStack;
beforeEach(() => {
  closing = new ClosingStack();
});
afterEach(() => closing[Symbol.asyncDispose]());

describe.skipIf(!isSlowWanted).each(KINDS)('$title', ({ isThere, start }) => {
  test.skipIf(!isThere).each(TRIALS)(
    '$name: every queue works again',
    { timeout },
    async (trial) => {
      const broker = closing.use(await start());
      const { recovered, warnings } = await runTrial(broker, trial);
      if (!recovered) throw new Error(warnings.join('\n'));
      expect(recovered).toBe(true);
    },
  );
});

describe.skipIf(!isSlowWanted || !isRabbitInstalled)('RabbitMQ with a memory alarm', () => {
  test('publishing waits, nobody reconnects, and it is told about once', { timeout }, async () => {
    const node = closing.use(await startRabbitNode());
    const lines: string[] = [];
    const bus = closing.use(
      await openAmqpBus({
        url: node.url,
        names: namesOf(''),
        client: 'test',
        clock: liveClock,
        random: liveRandom,
        logger: { log: (level, text) => void lines.push(`${level} ${text}`) },
        openWithinMs: 10_000,
      }),
    );
    const publish = (id: string): Promise<PublishOutcome> =>
      bus.publish(
        outgoing(
          release,
          { orderId: '0192f0c1-7d3a-7c3e-9d2e-1a2b3c4d5e6f' },
          { exchange: namesOf('').commands, routingKey: 'inventory', id },
        ),
      );
    expect(await publish('before')).toEqual({ outcome: 'confirmed' });
    await node.control('set_vm_memory_high_watermark', '0.000001');
    // The broker tells those who publish, and does not read what they published.
    const last = publish('last');
    await expect.poll(() => bus.isBlocked()).toBe(true);
    expect(await last).toMatchObject({ outcome: 'unknown' });
    // Each waits for some seconds: together longer than an unconfirmed publish may take.
    for (const id of ['one', 'two', 'three']) {
      expect(await publish(id)).toMatchObject({ outcome: 'refused' });
    }
    const patient = publish('patient');
    await node.control('set_vm_memory_high_watermark', '0.4');
    expect(await patient).toEqual({ outcome: 'confirmed' });
    expect(bus.isBlocked()).toBe(false);
    expect(lines).toEqual([
      expect.stringMatching(/^warn the broker takes no messages \(.*memory.*\)/),
      'info the broker takes messages again',
    ]);
  });
});
