import { expect, test } from 'vitest';

import { INVARIANTS, type Invariant } from '../language/invariants.ts';
import { judgeInvariants } from './invariants.ts';
import type { Observations } from './observations.ts';
import {
  BAD,
  BAD_ORDER,
  BOOK,
  brokenBy,
  CAPTURED,
  DECLINED,
  GOOD,
  GOOD_ORDER,
  mailOf,
  orderOf,
  PLAN,
  SEEN,
} from '../../../test/support/seen-run.ts';

const SHIPPED = ['accepted', 'reserved', 'charged', 'confirmed', 'shipped'] as const;
const TAKEN_BACK = [
  'accepted',
  'reserved',
  'charged',
  'confirmed',
  'refunded',
  'cancelled',
] as const;

/** The one and the other as they are told of what became of an order after its confirmation. */
const TOLD_SHIPPED = [...SEEN.mails, mailOf(GOOD, 'shipping')];
const TOLD_TAKEN_BACK = [...SEEN.mails, mailOf(GOOD, 'cancellation')];
const STRANGER = '00000000-0000-7000-8000-000000000009';

test('a run in which everything went right breaks none', () => {
  const checks = judgeInvariants(PLAN, SEEN);
  expect(checks.map(({ name }) => name)).toEqual([...INVARIANTS]);
  expect(checks.filter(({ isMet }) => !isMet)).toEqual([]);
});

test.each<[string, Partial<Observations>, Invariant[]]>([
  [
    'a copy that is neither free, held nor sold',
    { books: [{ ...BOOK, onHand: 7 }] },
    ['stock-balance'],
  ],
  [
    'more copies sold than confirmed',
    { books: [{ ...BOOK, onHand: 7, sold: 3 }] },
    ['stock-balance'],
  ],
  ['stock below zero', { books: [{ ...BOOK, onHand: -1, sold: 11 }] }, ['stock-balance']],
  [
    'stock below zero for a moment only',
    { breaches: [{ atMs: 120, book: BOOK, problem: 'book 42 is below zero' }] },
    ['stock-balance'],
  ],
  ['a book that is gone', { books: [] }, ['stock-balance']],
  [
    'an order that was accepted, and that nobody knows any more',
    { orders: [GOOD_ORDER, { name: 'bad', placedAtMs: 0 }] },
    ['one-final-status'],
  ],
  [
    'a hold of an order that has ended (a compensation that did nothing)',
    { books: [{ ...BOOK, held: 1 }], holds: [{ orderId: BAD, quantity: 1 }] },
    ['no-hold-left'],
  ],
  [
    'a second capture that was given back',
    { payments: [{ ...CAPTURED, captures: 2 }, DECLINED] },
    ['paid-once'],
  ],
  [
    'money of a rejected order',
    { payments: [CAPTURED, { ...DECLINED, captures: 1, capturedCents: 3_900 }] },
    ['paid-once', 'money-balance'],
  ],
  ['a confirmed order that nobody paid', { payments: [] }, ['paid-once', 'money-balance']],
  [
    'an order that is still open',
    { orders: [GOOD_ORDER, { ...BAD_ORDER, detail: { ...BAD_ORDER.detail, open: true } }] },
    ['one-final-status'],
  ],
  [
    'an order that ended twice',
    {
      orders: [
        GOOD_ORDER,
        { ...BAD_ORDER, detail: orderOf(BAD, 'rejected', ['confirmed', 'rejected']) },
      ],
      mails: [...SEEN.mails, mailOf(BAD, 'invoice')],
    },
    ['one-final-status'],
  ],
  [
    'an order that was shipped and then cancelled',
    {
      orders: [
        GOOD_ORDER,
        { ...BAD_ORDER, detail: orderOf(BAD, 'cancelled', ['confirmed', 'shipped', 'cancelled']) },
      ],
      mails: [mailOf(GOOD, 'invoice'), mailOf(BAD, 'cancellation')],
    },
    ['one-final-status'],
  ],
  [
    'a cancelled order that is sold, paid and in a history all the same',
    {
      orders: [{ ...GOOD_ORDER, detail: orderOf(GOOD, 'cancelled', TAKEN_BACK) }, BAD_ORDER],
      mails: TOLD_TAKEN_BACK,
    },
    ['stock-balance', 'paid-once', 'money-balance', 'history-once'],
  ],
  [
    'a shipped order whose money was given back',
    {
      orders: [{ ...GOOD_ORDER, detail: orderOf(GOOD, 'shipped', SHIPPED) }, BAD_ORDER],
      payments: [{ ...CAPTURED, refundedCents: 7_800 }, DECLINED],
      mails: TOLD_SHIPPED,
    },
    ['paid-once', 'money-balance'],
  ],
  [
    'money for an order that nobody knows',
    {
      payments: [
        CAPTURED,
        DECLINED,
        { ...CAPTURED, orderId: STRANGER, capturedCents: 1, captures: 1 },
      ],
    },
    ['paid-once', 'money-balance'],
  ],
  [
    'a saga that belongs to no order of the file',
    { strays: [{ orderId: STRANGER, order: undefined }] },
    ['ordered-once'],
  ],
  [
    'a second saga of an order whose customer clicked twice',
    { strays: [{ orderId: STRANGER, order: 'good' }] },
    ['ordered-once'],
  ],
  [
    'two orders that became one saga',
    { orders: [GOOD_ORDER, BAD_ORDER, { ...GOOD_ORDER, name: 'other' }] },
    ['paid-once', 'ordered-once'],
  ],
  ['a confirmed order that is in no history', { records: [] }, ['history-once']],
  [
    'an order that is in a history twice',
    { records: [{ orderId: GOOD, records: 2 }] },
    ['history-once'],
  ],
  [
    'a rejected order that is in a history',
    { records: [...SEEN.records, { orderId: BAD, records: 1 }] },
    ['history-once'],
  ],
  ['a customer who was told nothing', { mails: SEEN.mails.slice(0, 1) }, ['customer-told']],
])('%s is noticed', (_, change, invariants) => {
  expect(brokenBy(change)).toEqual(invariants);
});

test('a breach tells what was found, when, and whose trail explains it', () => {
  const seen = {
    ...SEEN,
    payments: [CAPTURED, { ...DECLINED, captures: 1, capturedCents: 3_900 }],
  };
  const check = judgeInvariants(PLAN, seen).find(({ name }) => name === 'paid-once');
  expect(check).toMatchObject({
    found: 'bad is rejected: 1 capture, net 39.00 EUR instead of 0.00 EUR',
    orders: ['bad'],
    atMs: 500,
  });
});

test('an invariant that the scenario skips is not judged', () => {
  const checks = judgeInvariants({ ...PLAN, skipped: ['customer-told'] }, { ...SEEN, mails: [] });
  expect(checks.map(({ name }) => name)).not.toContain('customer-told');
  expect(checks.every(({ isMet }) => isMet)).toBe(true);
});

test('an order that the mediator never accepted owes nothing', () => {
  expect(brokenBy({ orders: [GOOD_ORDER, { name: 'bad', refusal: 'no such customer' }] })).toEqual(
    [],
  );
});

test('an order that was shipped, and one that was taken back and refunded, owe nothing', () => {
  const shipped = { ...GOOD_ORDER, detail: orderOf(GOOD, 'shipped', SHIPPED) };
  expect(brokenBy({ orders: [shipped, BAD_ORDER], mails: TOLD_SHIPPED })).toEqual([]);
  const cancelled = { ...GOOD_ORDER, detail: orderOf(GOOD, 'cancelled', TAKEN_BACK) };
  const takenBack = {
    orders: [cancelled, BAD_ORDER],
    books: [{ ...BOOK, onHand: 10, sold: 0 }],
    payments: [{ ...CAPTURED, refundedCents: 7_800 }, DECLINED],
    records: [],
    mails: TOLD_TAKEN_BACK,
  };
  expect(brokenBy(takenBack)).toEqual([]);
});
