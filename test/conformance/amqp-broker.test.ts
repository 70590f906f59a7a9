/** One suite, two brokers: where ours answers differently from RabbitMQ, ours is wrong. */
import { afterAll, beforeAll, describe } from 'vitest';

import { deliveryTests } from './amqp-delivery.ts';
import { deathTests } from './amqp-death.ts';
import { protocolTests } from './amqp-protocol.ts';
import { publishTests } from './amqp-publish.ts';
import { topologyTests } from './amqp-topology.ts';
import { BROKERS, type BrokerUnderTest } from './brokers.ts';

describe.each(BROKERS)('$title', ({ isSkipped, open }) => {
  describe.skipIf(isSkipped)('speaks AMQP 0-9-1', () => {
    let broker: BrokerUnderTest;
    beforeAll(async () => void (broker = await open()));
    afterAll(async () => broker[Symbol.asyncDispose]());

    protocolTests(() => broker);
    topologyTests(() => broker);
    publishTests(() => broker);
    deliveryTests(() => broker);
    deathTests(() => broker);
  });
});
