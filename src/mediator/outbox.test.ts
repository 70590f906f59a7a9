// Goal: what one queue refuses holds up nothing else. Method: a broker that answers when the test says so.
import { expect, test } from 'vitest';

import { outgoing, type OutgoingMessage, type PublishOutcome } from '../messaging/bus.ts';
import type { Part } from '../messaging/part.ts';
import type { Points } from '../messaging/points.ts';
import { orderRejected } from '../contracts/notification.ts';
import { Outbox } from './outbox.ts';

const ORDER = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';

const message = (id: string): OutgoingMessage =>
  outgoing(
    orderRejected,
    {
      orderId: ORDER,
      customer: { id: 'alice', name: 'Alice', email: 'alice@example.com' },
      reason: 'out-of-stock',
    },
    { exchange: 'notifications', routingKey: 'order.rejected', id },
  );

/** Publishes end only when `settle` is called. */
const slowBroker = () => {
  const published: string[] = [];
  let waiting: ((outcome: PublishOutcome) => void)[] = [];
  const bus = {
    publish: ({ id }: OutgoingMessage) => {
      published.push(id);
      return new Promise<PublishOutcome>((resolve) => waiting.push(resolve));
    },
  };
  const settle = async (outcome: PublishOutcome): Promise<void> => {
    for (const resolve of waiting) resolve(outcome);
    waiting = [];
    await new Promise((resolve) => setImmediate(resolve));
  };
  const outbox = new Outbox({ bus: bus as unknown as Part['bus'] }, {
    noteTried: () => undefined,
  } as Partial<Points> as Points);
  return { outbox, published, settle };
};

test('a message that is on its way to the broker is not sent a second time', async () => {
  const { outbox, published, settle } = slowBroker();
  outbox.try([message('a')]);
  outbox.try([message('a'), message('b')]);
  expect(published).toEqual(['a', 'b']);
  await settle({ outcome: 'confirmed' });
  outbox.try([message('a')]);
  expect(published).toEqual(['a', 'b', 'a']);
});

test('a refused message makes room at once: the sweeper comes again', async () => {
  const { outbox, settle } = slowBroker();
  outbox.try(Array.from({ length: 1_000 }, (_, n) => message(`m${n}`)));
  expect(outbox.isBehind).toBe(true);
  await settle({ outcome: 'refused', reason: 'queue full' });
  expect(outbox.isBehind).toBe(false);
});
