// Goal: a reader gets each entry once and then the end, whenever the end comes. Method: an end before the past is sent.
import { text } from 'node:stream/consumers';

import { expect, test } from 'vitest';

import { handClock } from '../../test/support/hand-clock.ts';
import type { JournalEntry } from '../contracts/orders.ts';
import { EventStream } from './event-stream.ts';

const entry = (seq: number, open: boolean): JournalEntry => ({
  seq,
  at: 1_000,
  event: open ? 'confirmed' : 'notified',
  status: 'confirmed',
  issued: [],
  orderId: '0192f0c1-7d3a-7c3e-9d2e-1a2b3c4d5e6f',
  customerId: 'alice',
  open,
});
const idsOf = (sent: string): string[] =>
  [...sent.matchAll(/^id: .*\/(\d+)$/gm)].map(([, id]) => id ?? '');

test('an order that ends while its past is read is told whole, and then the stream ends', async () => {
  const stream = new EventStream(handClock().clock);
  stream.hold();
  stream.send(entry(2, false));
  stream.end();
  stream.release([entry(1, true)]);
  expect(idsOf(await text(stream.readable))).toEqual(['1', '2']);
});

test('what happened while the past was read, and is in it, is told once', async () => {
  const stream = new EventStream(handClock().clock);
  stream.hold();
  stream.send(entry(1, true));
  stream.send(entry(2, false));
  stream.release([entry(1, true), entry(2, false)]);
  stream.end();
  expect(idsOf(await text(stream.readable))).toEqual(['1', '2']);
});

test('news and heartbeats behind the end are left unsaid', async () => {
  const { clock, pass } = handClock();
  const stream = new EventStream(clock);
  stream.end();
  stream.send(entry(1, true));
  await pass(60_000);
  expect(idsOf(await text(stream.readable))).toEqual([]);
});
