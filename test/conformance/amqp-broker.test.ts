/** One suite, two brokers: where ours answers differently from RabbitMQ, ours is wrong. */
import { afterAll, beforeAll, describe } from 'vitest';

import { deliveryTests } from './amqp-delivery.ts';
import { deathTests } from './amqp-death.ts';
import { exchangeTests } from './amqp-exchanges.ts';
import { protocolTests } from './amqp-protocol.ts';
import { publishTests } from './amqp-publish.ts';
import { queueTests } from './amqp-queues.ts';
import { replyToTests } from './amqp-reply-to.ts';
import { BROKERS, type BrokerUnderTest } from './brokers.ts';

describe.each(BROKERS)('$title', (kind) => {
  describe.skipIf(kind.isSkipped)('speaks AMQP 0-9-1', () => {
    let broker: BrokerUnderTest;
    beforeAll(async () => void (broker = await kind.open()));
    afterAll(async () => broker[Symbol.asyncDispose]());

    protocolTests(() => broker);
    queueTests(() => broker);
    exchangeTests(() => broker);
    publishTests(() => broker);
    deliveryTests(() => broker);
    replyToTests(() => broker);
    deathTests(() => broker);
  });
});
