import { randomUUID } from 'node:crypto';

import { connect } from 'amqplib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Commander } from '../../../test/support/commander.ts';
import { openSurroundings, openTestPart, TEST_AMQP_URL } from '../../../test/support/part.ts';
import { SmtpSink } from '../../../test/support/smtp-sink.ts';
import { notified, orderRejected } from '../../contracts/notification.ts';
import { retryLater } from '../../contracts/participant.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import type { IncomingMessage, RawMessage } from '../../messaging/bus.ts';
import { redriveOf } from '../../messaging/dead-letter.ts';
import type { Part } from '../../messaging/part.ts';
import { rawOf } from '../../messaging/wire.ts';
import { startNotification } from './service.ts';

const customer = { id: 'alice', name: 'Alice Liddell', email: 'alice@wonderland.example' };

describe('a mail that its server refuses for good', () => {
  let closing: ClosingStack;
  let part: Part;
  let sink: SmtpSink;
  let commander: Commander;
  const dead: RawMessage[] = [];

  beforeEach(async () => {
    closing = new ClosingStack();
    dead.length = 0;
    sink = closing.use(await SmtpSink.open());
    const { settings } = closing.use(await openSurroundings());
    const withServer = { ...settings, smtpUrl: sink.url };
    part = closing.use(await openTestPart({ service: 'notification', settings: withServer }));
    closing.use(await startNotification(part));
    commander = closing.use(await Commander.open(part, 'notification'));
    const connection = await connect(TEST_AMQP_URL);
    closing.defer(() => connection.close());
    const channel = await connection.createChannel();
    const keep = { noAck: true };
    await channel.consume(part.names.deadLetterQueue, (raw) => raw && dead.push(rawOf(raw)), keep);
  });

  afterEach(() => closing[Symbol.asyncDispose]());

  const tell = (orderId: string): Promise<IncomingMessage> =>
    commander.send(
      orderRejected,
      { orderId, customer, reason: 'out-of-stock' },
      {
        id: `${orderId}:tell:tell`,
        orderId,
        to: { exchange: part.names.notifications, routingKey: orderRejected.name },
      },
    );

  it('is a dead letter, and its saga is told why; asked again, it does not ask the server again', async () => {
    sink.unknown.add(customer.email);
    const orderId = randomUUID();
    for (const times of [1, 2, 3]) {
      expect(await tell(orderId)).toMatchObject({
        type: retryLater.name,
        body: { reason: expect.stringContaining('550 5.1.1 no such user here') },
      });
      await expect.poll(() => dead.length).toBe(times);
    }
    expect(sink.refusals).toBe(1);
    expect(dead[0]?.properties).toMatchObject({
      messageId: `${orderId}:tell:tell`,
      headers: { 'dead-letter': { reason: 'given-up', order: orderId } },
    });
  });

  it('goes out when people send the dead letter again, and the saga is answered then', async () => {
    sink.unknown.add(customer.email);
    const orderId = randomUUID();
    await tell(orderId);
    await expect.poll(() => dead.length).toBe(1);
    const queue = part.names.queueOf('notification');
    const [letter] = dead;
    if (letter === undefined) throw new Error('no dead letter');
    await part.bus.forward(redriveOf(letter, queue, 1));
    await expect.poll(() => sink.refusals).toBe(2);
    sink.unknown.clear();
    await part.bus.forward(redriveOf(letter, queue, 2));
    await expect.poll(() => sink.received.length).toBe(1);
    expect(await tell(orderId)).toMatchObject({ type: notified.name });
    expect(sink.received).toHaveLength(1);
  });
});
