import { expect, test } from 'vitest';

import type { Claim } from '../plan/claims.ts';
import { judgeClaim } from './claims.ts';
import { BAD_ORDER, GOOD_ORDER, SEEN, TALLY } from '../../../test/support/seen-run.ts';

const exactly = (value: number) => ({ comparison: '=' as const, value });
const below = (value: number) => ({ comparison: '<' as const, value });

test.each<[Claim, string]>([
  [{ kind: 'order', order: 'good', status: 'confirmed' }, 'confirmed'],
  [{ kind: 'stock', book: 42, amount: exactly(8) }, '8 to sell (10 at first, 0 held, 2 sold)'],
  [
    { kind: 'stock', book: 42, amount: { comparison: '<', value: 9 } },
    '8 to sell (10 at first, 0 held, 2 sold)',
  ],
  [{ kind: 'paid', order: 'good', cents: 7_800 }, '78.00 EUR'],
  [{ kind: 'paid', order: undefined, cents: 7_800 }, '78.00 EUR'],
  [{ kind: 'count', count: 'order.rejected', amount: exactly(1) }, '1'],
  [{ kind: 'count', count: 'order.accepted', amount: exactly(2) }, '2'],
  [{ kind: 'count', count: 'order.open', amount: exactly(0) }, '0'],
  [{ kind: 'mails', order: 'good', amount: exactly(1) }, '1 sent'],
  [{ kind: 'mails', order: undefined, amount: exactly(2) }, '2 sent'],
  [
    { kind: 'trace', order: 'good', events: ['accepted', 'charged', 'notified'] },
    'accepted → reserved → charged → confirmed → notified',
  ],
  [{ kind: 'never', order: 'good', events: ['released', 'declined'] }, 'none of them'],
  [{ kind: 'messages', count: 'lost', amount: exactly(0) }, '0'],
  [{ kind: 'latency', of: 'order.max', limit: below(41) }, '40 ms (bad, of 2 orders)'],
  [{ kind: 'latency', of: 'order.p50', limit: below(31) }, '30 ms (good, of 2 orders)'],
])('$0.kind holds when the run did what is claimed', (claim, found) => {
  expect(judgeClaim(claim, SEEN)).toMatchObject({ isMet: true, found });
});

test.each<[Claim, string]>([
  [{ kind: 'order', order: 'bad', status: 'confirmed' }, 'rejected'],
  [{ kind: 'order', order: 'nobody', status: 'confirmed' }, 'not placed yet'],
  [{ kind: 'stock', book: 42, amount: exactly(9) }, '8 to sell (10 at first, 0 held, 2 sold)'],
  [{ kind: 'paid', order: 'bad', cents: 3_900 }, '0.00 EUR'],
  [{ kind: 'count', count: 'order.confirmed', amount: exactly(2) }, '1'],
  [{ kind: 'mails', order: 'good', amount: { comparison: '>', value: 1 } }, '1 sent'],
  [
    { kind: 'trace', order: 'good', events: ['charged', 'reserved'] },
    'accepted → reserved → charged → confirmed → notified; "reserved" did not come after "charged"',
  ],
  [{ kind: 'never', order: 'good', events: ['charged'] }, '"charged"'],
  [{ kind: 'messages', count: 'redelivered', amount: { comparison: '>=', value: 1 } }, '0'],
  [{ kind: 'latency', of: 'order.p99', limit: below(40) }, '40 ms (bad, of 2 orders)'],
  [{ kind: 'services' }, 'was not looked at'],
  [{ kind: 'queues' }, 'was not looked at'],
])('$0.kind does not hold when it did not, and says what was found', (claim, found) => {
  expect(judgeClaim(claim, SEEN)).toMatchObject({ isMet: false, found });
});

test('what must never happen is told with the time at which it did', () => {
  const check = judgeClaim({ kind: 'never', order: 'good', events: ['charged'] }, SEEN);
  expect(check.atMs).toBe(20);
});

test('a mail that went out again counts again', () => {
  const mails = SEEN.mails.map((mail) => ({ ...mail, repeats: 2 }));
  const claim = { kind: 'mails', order: 'good', amount: exactly(3) } as const;
  expect(judgeClaim(claim, { ...SEEN, mails })).toMatchObject({ isMet: true, found: '3 sent' });
});

test('each count of messages is its own', () => {
  const lost = [{ message: 'payment.charge', messageId: 'm1', order: 'good' }];
  const messages = {
    recorded: 9,
    redelivered: 1,
    deadLettered: 2,
    duplicatesIgnored: 3,
    unroutable: 4,
    lost,
  };
  const found = (['redelivered', 'dead-lettered', 'duplicates-ignored', 'unroutable'] as const).map(
    (count) =>
      judgeClaim({ kind: 'messages', count, amount: exactly(0) }, { ...SEEN, messages }).found,
  );
  expect(found).toEqual(['1', '2', '3', '4']);
  const claim = { kind: 'messages', count: 'lost', amount: exactly(0) } as const;
  expect(judgeClaim(claim, { ...SEEN, messages })).toMatchObject({
    isMet: false,
    found: '1: payment.charge of good (m1)',
    orders: ['good'],
  });
});

test('messages of which nobody wrote anything down prove nothing', () => {
  const claim = { kind: 'messages', count: 'lost', amount: exactly(0) } as const;
  const seen = { ...SEEN, messages: { ...TALLY, recorded: 0 } };
  expect(judgeClaim(claim, seen)).toMatchObject({ isMet: false, isVague: true });
});

const LATENCY = { kind: 'latency', of: 'order.p50', limit: below(1_000) } as const;

test('latency counts from the click, not from the acceptance', () => {
  const orders = [{ ...GOOD_ORDER, placedAtMs: -70 }];
  expect(judgeClaim(LATENCY, { ...SEEN, orders })).toMatchObject({
    expected: '< 1.00 s',
    found: '100 ms (good, of 1 order)',
  });
});

test('latency of no orders is not met, and proves nothing', () => {
  const vague = { isMet: false, isVague: true, found: 'no orders' };
  expect(judgeClaim(LATENCY, { ...SEEN, orders: [] })).toMatchObject(vague);
  const refused = [{ name: 'x', placedAtMs: 0, refusal: 'no such customer' }];
  expect(judgeClaim(LATENCY, { ...SEEN, orders: refused })).toMatchObject(vague);
});

test('latency is not met while an order that was placed has no answer', () => {
  const check = judgeClaim(LATENCY, {
    ...SEEN,
    orders: [GOOD_ORDER, { name: 'x', placedAtMs: 3 }],
  });
  expect(check).toMatchObject({ isMet: false, found: '1 without an answer yet: x', orders: ['x'] });
  expect(check.isVague).toBeUndefined();
});

test('latency takes no notice of orders that a later step places, or that were cancelled before the answer', () => {
  const detail = { ...BAD_ORDER.detail, status: 'cancelled' as const, timeline: [] };
  const orders = [GOOD_ORDER, { ...BAD_ORDER, detail }, { name: 'later' }];
  expect(judgeClaim(LATENCY, { ...SEEN, orders })).toMatchObject({
    found: '30 ms (good, of 1 order)',
  });
});

test('a percentile is the time of an order: of 200, p99 is the 198th and max the last', () => {
  const orders = Array.from({ length: 200 }, (_, index) => ({
    ...GOOD_ORDER,
    name: `o${index + 1}`,
    placedAtMs: 30 - (index + 1),
  }));
  const found = (of: 'order.p50' | 'order.p95' | 'order.p99' | 'order.max') =>
    judgeClaim({ ...LATENCY, of }, { ...SEEN, orders }).found;
  expect(found('order.p50')).toBe('100 ms (o100, of 200 orders)');
  expect(found('order.p95')).toBe('190 ms (o190, of 200 orders)');
  expect(found('order.p99')).toBe('198 ms (o198, of 200 orders)');
  expect(found('order.max')).toBe('200 ms (o200, of 200 orders)');
});

test('services are up and queues empty when they were looked at and nothing was found', () => {
  expect(judgeClaim({ kind: 'services' }, { ...SEEN, troubles: [] })).toMatchObject({
    isMet: true,
    found: 'up',
  });
  expect(
    judgeClaim({ kind: 'services' }, { ...SEEN, troubles: ['payment: no answer'] }),
  ).toMatchObject({ isMet: false, found: 'payment: no answer' });
  expect(judgeClaim({ kind: 'queues' }, { ...SEEN, waiting: {} })).toMatchObject({
    isMet: true,
    found: 'empty',
  });
  const waiting = { 'payment.commands': 3, 'logging.records': 0 };
  expect(judgeClaim({ kind: 'queues' }, { ...SEEN, waiting })).toMatchObject({
    isMet: false,
    found: '3 in payment.commands',
  });
});
