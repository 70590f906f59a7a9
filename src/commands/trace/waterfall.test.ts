import { expect, test } from 'vitest';

import type { LogRecord } from '../../contracts/logs.ts';
import type { OrderDetail } from '../../contracts/orders.ts';
import { plain } from '../palette.ts';
import { traceRows } from './rows.ts';
import { renderWaterfall } from './waterfall.ts';
import { visibleWidth } from '../wrapping.ts';

const START = 1_750_000_000_000;
const ORDER_ID = '01980000-0000-7000-8000-000000000001';

const order = {
  id: ORDER_ID,
  placedAt: START,
  timeline: [
    { seq: 1, at: START, event: 'accepted', status: 'reserving', issued: ['inventory.reserve'] },
    { seq: 2, at: START + 10, event: 'reserved', status: 'charging', issued: ['payment.charge'] },
    {
      seq: 3,
      at: START + 40,
      event: 'declined',
      status: 'releasing',
      issued: ['inventory.release'],
      reason: 'insufficient_funds',
    },
    { seq: 4, at: START + 50, event: 'released', status: 'releasing', issued: [] },
  ],
} as unknown as OrderDetail;

function work(service: string, span: Partial<NonNullable<LogRecord['span']>>): LogRecord {
  return {
    id: `${service}-${span.startedAt}`,
    at: START,
    level: 'info',
    service,
    instance: `${service}-1`,
    message: '',
    orderId: ORDER_ID,
    span: {
      message: '',
      messageId: 'm',
      startedAt: START,
      durationMs: 0,
      attempt: 1,
      redelivered: false,
      ...span,
    },
  };
}

const records = [
  work('payment', {
    message: 'payment.charge',
    reply: 'payment.declined',
    startedAt: START + 20,
    durationMs: 20,
    attempt: 2,
    redelivered: true,
  }),
  work('inventory', {
    message: 'inventory.reserve',
    reply: 'inventory.reserved',
    startedAt: START,
    durationMs: 10,
  }),
  work('inventory', {
    message: 'inventory.release',
    reply: 'inventory.released',
    startedAt: START + 40,
    durationMs: 10,
  }),
];

test('events and work are merged in the order of time, the event before the work it caused', () => {
  expect(traceRows(order, records).map((row) => [row.offsetMs, row.part, row.mark])).toEqual([
    [0, 'mediator', 'done'],
    [0, 'inventory', 'done'],
    [10, 'mediator', 'done'],
    [20, 'payment', 'failed'],
    [40, 'mediator', 'failed'],
    [40, 'inventory', 'undone'],
    [50, 'mediator', 'undone'],
  ]);
});

test('an event and the handling that led to it are one row; a repeated handling stays a row', () => {
  const entry = { ...order.timeline[1], messageId: 'reply-1' } as OrderDetail['timeline'][number];
  const handling = (startedAt: number, redelivered: boolean): LogRecord =>
    work('mediator', {
      message: 'inventory.reserved',
      messageId: 'reply-1',
      startedAt,
      durationMs: 4,
      redelivered,
    });
  const logged = [handling(START + 9, false), handling(START + 30, true)];
  expect(traceRows({ ...order, timeline: [entry] }, logged)).toMatchObject([
    { kind: 'event', what: 'reserved → payment.charge', durationMs: 4, redelivered: false },
    { kind: 'work', what: 'inventory.reserved', redelivered: true },
  ]);
});

test('at 80 characters every line fits, with a bar on one common scale', () => {
  const lines = renderWaterfall(traceRows(order, records), { columns: 80, paint: plain }).split(
    '\n',
  );
  expect(lines).toHaveLength(7);
  for (const line of lines) expect(visibleWidth(line)).toBeLessThanOrEqual(80);
  const charge = lines[3] ?? '';
  expect(charge).toContain('charge → declined #2 redelivered');
  expect(charge).toContain('20 ms');
  const bars = lines.map((line) => line.indexOf('█')).filter((at) => at !== -1);
  expect(bars).toEqual(bars.toSorted((a, b) => a - b));
});

test('at 40 characters the bars go', () => {
  const text = renderWaterfall(traceRows(order, records), { columns: 40, paint: plain });
  expect(text).not.toContain('█');
  expect(text).toContain('charge');
});

test('an order of which nothing was logged still shows its events', () => {
  const text = renderWaterfall(traceRows(order, []), { columns: 80, paint: plain });
  expect(text).toContain('declined (insufficient_funds)');
});

test('a long rest is named and drawn short, so that what happened before and after it can be told apart', () => {
  const shipped: OrderDetail['timeline'][number] = {
    seq: 5,
    at: START + 60_050,
    event: 'shipped',
    status: 'shipped',
    issued: ['order.shipped'],
  };
  const rested = { ...order, timeline: [...order.timeline, shipped] };
  const text = renderWaterfall(traceRows(rested, records), { columns: 100, paint: plain });
  const lines = text.split('\n');
  expect(lines.at(-2)).toMatch(/^ +⋯ 1 min 0 s later$/);
  const place = (what: string): number => {
    const line = lines.find((each) => each.includes(what)) ?? '';
    return line.search(/[█◆]/);
  };
  const places = [place('reserve →'), place('charge →'), place('release →'), place('shipped')];
  expect(places.every((each, index) => index === 0 || each > (places[index - 1] ?? 0))).toBe(true);
});
