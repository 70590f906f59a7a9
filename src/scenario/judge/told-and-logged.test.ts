import { expect, test } from 'vitest';

import { INVARIANTS, type Invariant } from '../language/invariants.ts';
import { judgeInvariants } from './invariants.ts';
import type { Observations } from './observations.ts';
import { verdictOf } from './verdict.ts';
import {
  BAD,
  BAD_ORDER,
  brokenBy,
  GOOD,
  GOOD_ORDER,
  mailOf,
  orderOf,
  PLAN,
  SEEN,
  TALLY,
} from '../../../test/support/seen-run.ts';

const SHIPPED = ['accepted', 'reserved', 'charged', 'confirmed', 'shipped'] as const;
const TAKEN_BACK = ['accepted', 'reserved', 'charged', 'confirmed', 'cancelled'] as const;
const TOLD_SHIPPED = [...SEEN.mails, mailOf(GOOD, 'shipping')];
const [GOOD_SAGA, BAD_SAGA] = [
  { orderId: GOOD, entries: 5, logged: 5 },
  { orderId: BAD, entries: 6, logged: 6 },
];

test.each<[string, Partial<Observations>, Invariant[]]>([
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
])('%s is noticed', (_, change, invariants) => {
  expect(brokenBy(change)).toEqual(invariants);
});

test('an order that is taken back at once may not have got its invoice', () => {
  const cancelled = { ...GOOD_ORDER, detail: orderOf(GOOD, 'cancelled', TAKEN_BACK) };
  const mails = [mailOf(GOOD, 'cancellation'), mailOf(BAD, 'rejection')];
  const names = brokenBy({ orders: [cancelled, BAD_ORDER], mails });
  expect(names).not.toContain('customer-told');
});

test('an order that rests may have its shipping mail before the shipping was seen', () => {
  const detail = { ...GOOD_ORDER.detail, shipsAt: 1 };
  expect(brokenBy({ orders: [{ ...GOOD_ORDER, detail }, BAD_ORDER], mails: TOLD_SHIPPED })).toEqual(
    [],
  );
});

test('a mail may go out twice when notification was disturbed in between', () => {
  const mails = [...SEEN.mails, mailOf(BAD, 'rejection')];
  expect(brokenBy({ mails, disturbed: { notification: 1 } })).toEqual([]);
  expect(brokenBy({ mails, disturbed: { 'notification-2': 1 } })).toEqual([]);
});

test('what was not looked at is not judged', () => {
  const { sagas: _, ...quick } = SEEN;
  const seen = { ...quick, orders: [], messages: { ...TALLY, recorded: 0 } };
  const names = judgeInvariants(PLAN, seen).map(({ name }) => name);
  const left = INVARIANTS.filter((name) => !names.includes(name));
  expect(left).toEqual(['messages-kept', 'legal-transitions', 'log-complete']);
});

test('orders of which no part wrote anything down prove nothing of messages', () => {
  const seen = { ...SEEN, messages: { ...TALLY, recorded: 0 } };
  const vague = judgeInvariants(PLAN, seen).filter(({ isVague }) => isVague);
  expect(vague).toMatchObject([{ name: 'messages-kept', isMet: false }]);
  expect(verdictOf(vague, [])).toBe('inconclusive');
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
