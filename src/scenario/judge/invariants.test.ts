import { expect, test } from 'vitest';

import { INVARIANTS, type Invariant } from '../language/invariants.ts';
import { judgeInvariants } from './invariants.ts';
import type { Observations } from './observations.ts';
import {
  BAD,
  BAD_ORDER,
  BOOK,
  CAPTURED,
  DECLINED,
  GOOD,
  GOOD_ORDER,
  mailOf,
  orderOf,
  PLAN,
  SEEN,
  TALLY,
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
const [GOOD_SAGA, BAD_SAGA] = [
  { orderId: GOOD, entries: 5, logged: 5 },
  { orderId: BAD, entries: 6, logged: 6 },
];

/** Names of the invariants that a change of a good run breaks. */
function broken(change: Partial<Observations>): Invariant[] {
  return judgeInvariants(PLAN, { ...SEEN, ...change })
    .filter(({ isMet }) => !isMet)
    .map(({ name }) => name as Invariant);
}

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
  [
    'an order that was shipped without a word',
    { orders: [{ ...GOOD_ORDER, detail: orderOf(GOOD, 'shipped', SHIPPED) }, BAD_ORDER] },
    ['customer-told'],
  ],
  [
    'a mail that went out twice',
    { mails: [...SEEN.mails, mailOf(BAD, 'rejection')] },
    ['mails-once'],
  ],
  [
    'a mail that went out twice under one id',
    { mails: [mailOf(GOOD, 'invoice'), { ...mailOf(BAD, 'rejection'), repeats: 1 }] },
    ['mails-once'],
  ],
  [
    'a mail that went out three times while notification was disturbed once',
    {
      mails: [...SEEN.mails, mailOf(BAD, 'rejection'), mailOf(BAD, 'rejection')],
      disturbed: { notification: 1 },
    },
    ['mails-once'],
  ],
  [
    'two mails that went out twice while notification was disturbed once',
    {
      mails: [...SEEN.mails, mailOf(GOOD, 'invoice'), mailOf(BAD, 'rejection')],
      disturbed: { notification: 1, payment: 5 },
    },
    ['mails-once'],
  ],
  [
    'an invoice for an order that was rejected',
    { mails: [...SEEN.mails, mailOf(BAD, 'invoice')] },
    ['mails-once'],
  ],
  [
    'a message that is gone',
    {
      messages: { ...TALLY, lost: [{ message: 'payment.charge', messageId: 'm1', order: 'good' }] },
    },
    ['messages-kept'],
  ],
  [
    'a saga log that leads elsewhere than the database',
    { sagas: [GOOD_SAGA, { ...BAD_SAGA, difference: 'entry 3, status: …' }] },
    ['legal-transitions'],
  ],
  [
    'an entry that the log store does not have',
    { sagas: [{ ...GOOD_SAGA, logged: 4 }, BAD_SAGA] },
    ['log-complete'],
  ],
  [
    'an entry that the log store has twice',
    { sagas: [{ ...GOOD_SAGA, logged: 6 }, BAD_SAGA] },
    ['log-complete'],
  ],
  ['a saga that is gone', { sagas: [GOOD_SAGA] }, ['legal-transitions', 'log-complete']],
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
  expect(broken(change)).toEqual(invariants);
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
  expect(broken({ orders: [GOOD_ORDER, { name: 'bad', refusal: 'no such customer' }] })).toEqual(
    [],
  );
});

test('an order that was shipped, and one that was taken back and refunded, owe nothing', () => {
  const shipped = { ...GOOD_ORDER, detail: orderOf(GOOD, 'shipped', SHIPPED) };
  expect(broken({ orders: [shipped, BAD_ORDER], mails: TOLD_SHIPPED })).toEqual([]);
  const cancelled = { ...GOOD_ORDER, detail: orderOf(GOOD, 'cancelled', TAKEN_BACK) };
  const takenBack = {
    orders: [cancelled, BAD_ORDER],
    books: [{ ...BOOK, onHand: 10, sold: 0 }],
    payments: [{ ...CAPTURED, refundedCents: 7_800 }, DECLINED],
    records: [],
    mails: TOLD_TAKEN_BACK,
  };
  expect(broken(takenBack)).toEqual([]);
});

test('an order that is taken back at once may not have got its invoice', () => {
  const cancelled = { ...GOOD_ORDER, detail: orderOf(GOOD, 'cancelled', TAKEN_BACK) };
  const mails = [mailOf(GOOD, 'cancellation'), mailOf(BAD, 'rejection')];
  const names = broken({ orders: [cancelled, BAD_ORDER], mails });
  expect(names).not.toContain('customer-told');
});

test('an order that rests may have its shipping mail before the shipping was seen', () => {
  const detail = { ...GOOD_ORDER.detail, shipsAt: 1 };
  expect(broken({ orders: [{ ...GOOD_ORDER, detail }, BAD_ORDER], mails: TOLD_SHIPPED })).toEqual(
    [],
  );
});

test('a mail may go out twice when notification was disturbed in between', () => {
  const mails = [...SEEN.mails, mailOf(BAD, 'rejection')];
  expect(broken({ mails, disturbed: { notification: 1 } })).toEqual([]);
  expect(broken({ mails, disturbed: { 'notification-2': 1 } })).toEqual([]);
});

test('what was not looked at is not judged', () => {
  const { sagas: _, ...quick } = SEEN;
  const seen = { ...quick, messages: { ...TALLY, recorded: 0 } };
  const names = judgeInvariants(PLAN, seen).map(({ name }) => name);
  const left = INVARIANTS.filter((name) => !names.includes(name));
  expect(left).toEqual(['messages-kept', 'legal-transitions', 'log-complete']);
});

test('a lost message is told by its name, its id and its order', () => {
  const lost = [{ message: 'payment.charge', messageId: 'm1', order: 'good' }];
  const seen = { ...SEEN, messages: { ...TALLY, lost } };
  const check = judgeInvariants(PLAN, seen).find(({ name }) => name === 'messages-kept');
  expect(check).toMatchObject({
    found: 'payment.charge of good (m1) is neither consumed nor a dead letter',
    orders: ['good'],
  });
});
