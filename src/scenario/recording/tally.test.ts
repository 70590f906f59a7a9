import { expect, test } from 'vitest';

import type { PassageLine } from './lines.ts';
import { tally } from './tally.ts';

const at = { kind: 'passage', atMs: 0, seq: 1, instance: 'x-1', order: 'o1' } as const;
const charge = { message: 'payment.charge', messageId: 'm1' };

const point = (
  service: string,
  name: 'deliver' | 'handle' | 'ack',
  messageId = 'm1',
): PassageLine => ({ ...at, ...charge, service, messageId, what: 'point', point: name });

const sent = (change: Partial<Extract<PassageLine, { what: 'sent' }>> = {}): PassageLine => ({
  ...at,
  service: 'mediator',
  message: 'inventory.reserved',
  messageId: 'm0',
  what: 'sent',
  sent: 'payment.charge',
  sentId: 'm1',
  exchange: 'wonderland.commands',
  routingKey: 'payment',
  durable: true,
  outcome: 'confirmed',
  ...change,
});

const died = (messageId = 'm1'): PassageLine => ({
  ...at,
  ...charge,
  service: 'payment',
  messageId,
  what: 'dead-lettered',
  reason: 'given-up',
  detail: '',
});

const fault = (change: Partial<Extract<PassageLine, { what: 'fault' }>>): PassageLine => ({
  ...at,
  ...charge,
  service: 'payment',
  what: 'fault',
  faultId: 'r/f1',
  point: 'reply',
  action: { verb: 'drop' },
  ...change,
});

/** Payment has written something down, of another message. */
const paymentWorks = point('payment', 'ack', 'm9');

test('nothing at all is told as that', () => {
  expect(tally([])).toEqual({
    recorded: 0,
    redelivered: 0,
    deadLettered: 0,
    duplicatesIgnored: 0,
    unroutable: 0,
    lost: [],
  });
});

test('a message that was sent and consumed is not lost', () => {
  expect(tally([sent(), point('payment', 'deliver'), point('payment', 'ack')]).lost).toEqual([]);
});

test('a message that was confirmed and that nobody consumed is lost, once however often it was sent', () => {
  const { lost } = tally([sent(), sent(), paymentWorks]);
  expect(lost).toEqual([{ message: 'payment.charge', messageId: 'm1', order: 'o1' }]);
});

test('a message that was handed over and never acked is lost', () => {
  expect(
    tally([sent(), point('payment', 'deliver'), point('payment', 'handle')]).lost,
  ).toHaveLength(1);
});

test('a message among the dead letters is not lost', () => {
  expect(tally([sent(), died()])).toMatchObject({ lost: [], deadLettered: 1 });
});

test('what the broker never confirmed, or was not to keep, cannot be lost', () => {
  for (const outcome of ['refused', 'unknown', 'unroutable', 'dropped'] as const) {
    expect(tally([sent({ outcome }), paymentWorks]).lost).toEqual([]);
  }
  expect(tally([sent({ durable: false }), paymentWorks]).lost).toEqual([]);
});

test('a part that wrote nothing down cannot be judged, nor can what no part handles', () => {
  expect(tally([sent(), point('inventory', 'ack', 'm9')]).lost).toEqual([]);
  expect(tally([sent({ sent: 'log.records' }), paymentWorks]).lost).toEqual([]);
});

test('redelivered are the deliveries that came again, not the other points of them', () => {
  const again = { redelivered: true } as const;
  const lines = [
    point('payment', 'deliver'),
    { ...point('payment', 'deliver'), ...again },
    { ...point('payment', 'handle'), ...again },
    { ...point('payment', 'deliver'), ...again },
  ];
  expect(tally(lines)).toMatchObject({ recorded: 4, redelivered: 2 });
});

test('effects that had happened before are counted each time', () => {
  const duplicate: PassageLine = { ...at, ...charge, service: 'payment', what: 'duplicate' };
  expect(tally([duplicate, duplicate]).duplicatesIgnored).toBe(2);
});

test('a message that no queue takes counts once, however often it is tried', () => {
  const lines = [sent({ outcome: 'unroutable' }), sent({ outcome: 'unroutable' }), sent()];
  expect(tally(lines).unroutable).toBe(1);
});

test('a message that a fault holds back is told with the end of that time', () => {
  const delayed = fault({ atMs: 100, action: { verb: 'delay', minMs: 0, maxMs: 30_000 } });
  expect(tally([sent(), point('payment', 'deliver'), delayed]).lost).toMatchObject([
    { messageId: 'm1', heldUntilMs: 30_100 },
  ]);
  const lines = [sent(), delayed, point('payment', 'ack')];
  expect(tally(lines).lost).toEqual([]);
});

test('a message whose id was torn out when it was sent dies without a name, and is not missed', () => {
  const torn = fault({
    service: 'mediator',
    message: 'inventory.reserved',
    messageId: 'm0',
    point: 'publish',
    action: { verb: 'corrupt', what: 'properties' },
  });
  expect(tally([torn, sent(), died('')])).toMatchObject({ lost: [], deadLettered: 1 });
  const other = sent({ messageId: 'm7', sentId: 'm8' });
  expect(tally([torn, sent(), other, died('')]).lost).toMatchObject([{ messageId: 'm8' }]);
});

test('a message that was torn otherwise keeps its id, and is missed when it did not die', () => {
  const torn = fault({
    service: 'mediator',
    messageId: 'm0',
    point: 'publish',
    action: { verb: 'corrupt', what: 'json' },
  });
  expect(tally([torn, sent(), paymentWorks]).lost).toHaveLength(1);
});
