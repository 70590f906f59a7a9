import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Commander } from '../../../test/support/commander.ts';
import { parseMail } from '../../../test/support/mail.ts';
import { openSurroundings, openTestPart } from '../../../test/support/part.ts';
import { SmtpSink } from '../../../test/support/smtp-sink.ts';
import type { Settings } from '../../config/settings.ts';
import type { Fault } from '../../contracts/faults.ts';
import {
  audit,
  audited,
  notified,
  orderCancelled,
  orderConfirmed,
  orderRejected,
  orderShipped,
} from '../../contracts/notification.ts';
import { ping, pong } from '../../contracts/participant.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { outgoing, type OutgoingMessage } from '../../messaging/bus.ts';
import type { FaultBoard } from '../../messaging/faults.ts';
import type { Part } from '../../messaging/part.ts';
import { RpcClient } from '../../messaging/rpc-client.ts';
import { startNotification } from './service.ts';

const WITHIN_MS = 10_000;
const customer = { id: 'alice', name: 'Alice Liddell', email: 'alice@wonderland.example' };

function confirmedOrder(orderId: string) {
  const line = { bookId: 42, quantity: 3, title: 'Ὀδύσσεια · 42', unitPriceCents: 1_299 };
  return { orderId, customer, lines: [line], totalCents: 3_897, currency: 'EUR' as const };
}

function confirmation({ names }: Part, orderId: string): OutgoingMessage {
  const id = `${orderId}:confirmed:event`;
  const routing = { exchange: names.notifications, routingKey: orderConfirmed.name, id };
  return outgoing(orderConfirmed, confirmedOrder(orderId), routing);
}

describe('the notification service', () => {
  let closing: ClosingStack;
  let settings: Settings;
  let part: Part;
  let commander: Commander;
  let rpc: RpcClient;

  beforeEach(async () => {
    closing = new ClosingStack();
    settings = closing.use(await openSurroundings()).settings;
  });

  afterEach(() => closing[Symbol.asyncDispose]());

  async function start(smtpUrl?: string): Promise<void> {
    part = closing.use(
      await openTestPart({ service: 'notification', settings: { ...settings, smtpUrl } }),
    );
    closing.use(await startNotification(part));
    commander = closing.use(await Commander.open(part, 'notification'));
    rpc = closing.use(await RpcClient.open(part));
  }

  const confirm = (orderId: string, options: { id?: string; run?: string } = {}) =>
    commander.send(orderConfirmed, confirmedOrder(orderId), {
      id: `${orderId}:confirmed:event`,
      orderId,
      to: { exchange: part.names.notifications, routingKey: orderConfirmed.name },
      ...options,
    });

  /** A service without a mail server gets the order, fails, and is stopped. */
  async function refuseOnce(orderId: string): Promise<void> {
    const down = await SmtpSink.open();
    const { url } = down;
    await down[Symbol.asyncDispose]();
    await using first = await openTestPart({
      service: 'notification',
      settings: { ...settings, smtpUrl: url },
    });
    await using _ = await startNotification(first);
    const log = vi.spyOn(first.logger, 'log');
    await first.bus.publish(confirmation(first, orderId));
    await vi.waitFor(() =>
      expect(log).toHaveBeenCalledWith('warn', expect.stringMatching(/ECONNREFUSED/), {}),
    );
  }

  const mailsOf = async (orderIds: string[]) => {
    const request = { service: 'notification', contract: audit, answer: audited } as const;
    const body = { orderIds, limit: 100 };
    return (await rpc.ask({ ...request, body, withinMs: WITHIN_MS })).mails;
  };

  const inbox = () => readdir(path.join(settings.dataDir ?? '', 'inbox'));
  const readInbox = async (name = '') =>
    parseMail(await readFile(path.join(settings.dataDir ?? '', 'inbox', name), 'utf8'));

  it('writes the invoice of a confirmed order into the inbox and answers with a receipt', async () => {
    await start();
    const orderId = randomUUID();
    const answer = await confirm(orderId);
    const [mail] = await mailsOf([orderId]);
    expect(answer).toMatchObject({
      type: notified.name,
      correlationId: orderId,
      body: { orderId, mailId: mail?.id },
    });
    expect(mail).toMatchObject({ orderId, to: customer.email, template: 'invoice' });
    expect(await inbox()).toEqual([`${orderId}-invoice.eml`]);
    const { headers, text, html } = await readInbox(`${orderId}-invoice.eml`);
    expect(headers.get('to')).toBe('Alice Liddell <alice@wonderland.example>');
    expect(headers.get('subject')).toBe(mail?.subject);
    expect(headers.get('message-id')).toBe(`<${mail?.id}@wonderland.example>`);
    expect(new Date(headers.get('date') ?? '').getTime()).toBeCloseTo(mail?.sentAt ?? 0, -4);
    expect(text).toContain('38.97 EUR  3 × Ὀδύσσεια · 42 (12.99 EUR each)');
    expect(html).toContain('<td>Ὀδύσσεια · 42</td>');
  });

  it('tells a rejected customer why', async () => {
    await start();
    const orderId = randomUUID();
    const body = { orderId, customer, reason: 'insufficient_funds' };
    const to = { exchange: part.names.notifications, routingKey: orderRejected.name };
    await commander.send(orderRejected, body, { orderId, to });
    const { text } = await readInbox(`${orderId}-rejection.eml`);
    expect(text).toContain('does not have sufficient funds');
    expect((await mailsOf([orderId])).map((each) => each.template)).toEqual(['rejection']);
  });

  it('writes to a customer whose order was shipped, and to one who cancelled, each with a receipt', async () => {
    await start();
    const { lines } = confirmedOrder(randomUUID());
    const [sent, taken] = [randomUUID(), randomUUID()];
    const shipped = await commander.send(
      orderShipped,
      { orderId: sent, customer, lines },
      {
        orderId: sent,
        to: { exchange: part.names.notifications, routingKey: orderShipped.name },
      },
    );
    const cancelled = await commander.send(
      orderCancelled,
      { orderId: taken, customer, refundedCents: 3_897, currency: 'EUR' },
      {
        orderId: taken,
        to: { exchange: part.names.notifications, routingKey: orderCancelled.name },
      },
    );
    expect(shipped).toMatchObject({ type: notified.name, body: { orderId: sent } });
    expect(cancelled).toMatchObject({ type: notified.name, body: { orderId: taken } });
    expect((await readInbox(`${sent}-shipping.eml`)).text).toContain('3 × Ὀδύσσεια · 42');
    expect((await readInbox(`${taken}-cancellation.eml`)).text).toContain('38.97 EUR');
    expect((await mailsOf([sent, taken])).map((each) => each.template)).toEqual([
      'cancellation',
      'shipping',
    ]);
  });

  it('answers the canary, and lists the newest mails first when no order is named', async () => {
    await start();
    const request = { service: 'notification', contract: ping, answer: pong } as const;
    const answer = await rpc.ask({ ...request, body: { nonce: 'n' }, withinMs: WITHIN_MS });
    expect(answer.service).toBe('notification');
    const [first, second] = [randomUUID(), randomUUID()];
    await confirm(first);
    await confirm(second);
    expect((await mailsOf([])).map((each) => each.orderId)).toEqual([second, first]);
  });

  it('sends one mail and the same receipt for a message that comes three times', async () => {
    const sink = closing.use(await SmtpSink.open());
    await start(sink.url);
    const orderId = randomUUID();
    const answers = await Promise.all([confirm(orderId), confirm(orderId)]);
    answers.push(await confirm(orderId));
    expect(sink.received).toHaveLength(1);
    expect(new Set(answers.map((each) => JSON.stringify(each.body))).size).toBe(1);
    expect(await mailsOf([orderId])).toHaveLength(1);
  });

  it('gives the same receipt after a restart, and sends nothing again', async () => {
    const sink = closing.use(await SmtpSink.open());
    const [orderId, outside] = [randomUUID(), closing];
    closing = new ClosingStack();
    await start(sink.url);
    const receipt = await confirm(orderId);
    await closing[Symbol.asyncDispose]();
    closing = outside;
    await start(sink.url);
    expect((await confirm(orderId)).body).toEqual(receipt.body);
    expect(sink.received).toHaveLength(1);
  });

  it('sends through the mail server when one is configured, and writes no file', async () => {
    const sink = closing.use(await SmtpSink.open());
    await start(sink.url);
    const orderIds = Array.from({ length: 30 }, () => randomUUID());
    await Promise.all(orderIds.map((each) => confirm(each)));
    expect(sink.received).toHaveLength(30);
    const [mail] = sink.received;
    expect(mail).toMatchObject({ from: 'shop@wonderland.example', to: [customer.email] });
    expect(parseMail(mail?.source ?? '').text).toContain('38.97 EUR  total');
    await expect(inbox()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('keeps a mail that the server does not take, and sends it when the server does', async () => {
    const sink = closing.use(await SmtpSink.open());
    sink.refuseNext = 2;
    await start(sink.url);
    const orderId = randomUUID();
    expect(await confirm(orderId)).toMatchObject({ type: notified.name });
    expect(sink.refuseNext).toBe(0);
    expect(sink.received).toHaveLength(1);
  });

  it('keeps a mail while the mail server is down and over its own restart', async () => {
    const orderId = randomUUID();
    await refuseOnce(orderId);
    const sink = closing.use(await SmtpSink.open());
    await start(sink.url);
    await vi.waitFor(() => expect(sink.received).toHaveLength(1), { timeout: WITHIN_MS });
    expect(parseMail(sink.received[0]?.source ?? '').text).toContain(orderId);
  });

  it('stops within five seconds while a hundred mails wait for a mail server that hangs', async () => {
    const sink = closing.use(await SmtpSink.open());
    sink.isSilent = true;
    const hanging = { ...settings, smtpUrl: sink.url };
    const first = await openTestPart({ service: 'notification', settings: hanging });
    const service = await startNotification(first);
    const orderIds = Array.from({ length: 100 }, () => randomUUID());
    await Promise.all(orderIds.map((each) => first.bus.publish(confirmation(first, each))));
    await vi.waitFor(() => expect(sink.connections).toBeGreaterThan(0));
    const stoppedAt = first.clock.elapsed();
    await service[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    expect(first.clock.elapsed() - stoppedAt).toBeLessThan(5_000);

    sink.isSilent = false;
    await start(sink.url);
    await vi.waitFor(() => expect(sink.received).toHaveLength(100), { timeout: WITHIN_MS });
  });

  it('repeats a mail under the same Message-ID when the commit after it failed', async () => {
    const sink = closing.use(await SmtpSink.open());
    await start(sink.url);
    const fault: Fault = {
      id: 'f1',
      run: 'r1',
      service: 'notification',
      message: orderConfirmed.name,
      point: 'commit',
      action: { verb: 'error', message: 'the power went' },
      nth: 1,
      times: 1,
    };
    (part.faults as FaultBoard).arm([fault], 60_000);
    const orderId = randomUUID();
    expect(await confirm(orderId, { run: 'r1' })).toMatchObject({ type: notified.name });
    const ids = sink.received.map(({ source }) => parseMail(source).headers.get('message-id'));
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
    expect(await mailsOf([orderId])).toMatchObject([{ repeats: 1 }]);
    const once = randomUUID();
    await confirm(once);
    const mails = await mailsOf([]);
    expect(mails.map((mail) => mail.repeats)).toEqual([undefined, 1]);
  });
});
