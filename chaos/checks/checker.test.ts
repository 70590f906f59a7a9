import { describe, expect, test } from 'vitest';

import type { Placed } from '../load/customers.ts';
import { judge } from './checker.ts';
import type { Evidence, SagaFact } from './evidence.ts';

const ID = '00000000-0000-7000-8000-000000000001';
const LINE = { bookId: 7, quantity: 2 };
const SALE = { orderId: ID, ...LINE };
const CHARGE = { orderId: ID, amountCents: 500, outcome: 'captured' };
const RECORD = { orderId: ID, totalCents: 500, isCancelled: false };
const ENTRY = { orderId: ID, seq: 1, at: 10, kind: 'accepted' };

const saga: SagaFact = {
  id: ID,
  key: 'k1',
  status: 'shipped',
  open: false,
  logLength: 1,
  lines: [LINE],
  totalCents: 500,
};

const placed: Placed = {
  kind: 'paid',
  key: 'k1',
  body: { customerId: 'alice', lines: [LINE], payment: { kind: 'visa', token: 'tok_visa' } },
  run: undefined,
  placedAt: 0,
  requests: 1,
  accepted: { id: ID, status: 'settling' },
  complaints: [],
};

/** An order as it should be: two of five copies are sold, once, and everybody knows. */
const RIGHT: Evidence = {
  sagas: [saga],
  sagaLog: [ENTRY],
  books: [{ id: 7, initial: 5, onHand: 3, held: 0, sold: 2 }],
  holds: [],
  sales: [SALE],
  ledgers: [{ orderId: ID, state: 'CAPTURED', capturedCents: 500, refundedCents: 0 }],
  movements: [{ orderId: ID, kind: 'capture', cents: 500 }],
  charges: [CHARGE],
  history: [RECORD],
  mails: [{ orderId: ID, template: 'invoice' }],
  logged: [{ id: `saga-${ID}-1` }],
  loggedSince: 0,
};

const nothing = { sales: [], ledgers: [], movements: [], charges: [], history: [] };
/** A rejected order, with its copies back. */
const REJECTED: Evidence = {
  ...RIGHT,
  ...nothing,
  sagas: [{ ...saga, status: 'rejected' }],
  books: [{ id: 7, initial: 5, onHand: 5, held: 0, sold: 0 }],
};

const checksOf = (seen: Evidence, order: Placed = placed): string[] => [
  ...new Set(judge([order], seen).map(({ check }) => check)),
];

describe('the checker', () => {
  test('finds nothing in an order that was sold, or rejected, as it should be', () => {
    expect(judge([placed], RIGHT)).toEqual([]);
    expect(judge([placed], REJECTED)).toEqual([]);
  });

  test.each<[string, string, Partial<Evidence>]>([
    ['an order that is lost', 'ends', { sagas: [], sagaLog: [] }],
    ['an order that is still open', 'ends', { sagas: [{ ...saga, open: true }] }],
    ['an order that rests for ever', 'ends', { sagas: [{ ...saga, status: 'confirmed' }] }],
    [
      'an order of nobody',
      'ends',
      { sagas: [saga, { ...saga, id: ID.replace('1', '2'), key: 'k2' }] },
    ],
    ['a second capture', 'paid-once', { charges: [...RIGHT.charges, ...RIGHT.charges] }],
    ['a capture that is not in the ledger', 'paid-once', { ledgers: [] }],
    [
      'a charge that may still be captured',
      'paid-once',
      { charges: [{ ...CHARGE, outcome: 'processing' }] },
    ],
    [
      'a copy below zero',
      'balance',
      { books: [{ id: 7, initial: 5, onHand: -1, held: 0, sold: 6 }] },
    ],
    [
      'copies that vanished',
      'balance',
      { books: [{ id: 7, initial: 5, onHand: 2, held: 0, sold: 2 }] },
    ],
    [
      'more promised than there was',
      'oversold',
      { books: [{ id: 7, initial: 1, onHand: 0, held: 0, sold: 1 }] },
    ],
    ['an order without its copies', 'oversold', { sales: [] }],
    ['a hold that is left', 'no-hold-left', { holds: RIGHT.sales }],
    ['a hold of nobody', 'no-hold-left', { holds: [{ ...SALE, orderId: 'x' }] }],
    ['no record', 'history', { history: [] }],
    ['two records', 'history', { history: [...RIGHT.history, ...RIGHT.history] }],
    ['a record with another sum', 'history', { history: [{ ...RECORD, totalCents: 1 }] }],
    ['a customer who was not told', 'told', { mails: [] }],
    ['a gap in the saga log', 'log-complete', { sagaLog: [{ ...ENTRY, seq: 2 }] }],
    ['an entry that never reached the log store', 'log-complete', { logged: [] }],
  ])('finds %s', (_, check, wrong) => {
    expect(checksOf({ ...RIGHT, ...wrong })).toContain(check);
  });

  test.each<[string, string, Partial<Evidence>]>([
    ['money of a rejected order', 'paid-once', { charges: RIGHT.charges }],
    ['copies that a rejected order took along', 'oversold', { sales: RIGHT.sales }],
    ['a rejected order in the history', 'history', { history: RIGHT.history }],
  ])('finds %s', (_, check, wrong) => {
    expect(checksOf({ ...REJECTED, ...wrong })).toContain(check);
  });

  test('lets money go to and fro, as long as nothing of it stays', () => {
    const movements = [...RIGHT.movements, { orderId: ID, kind: 'return', cents: 500 } as const];
    const charges = [{ ...CHARGE, outcome: 'returned' }];
    const ledgers = [{ orderId: ID, state: 'REFUNDED', capturedCents: 500, refundedCents: 500 }];
    expect(judge([placed], { ...REJECTED, movements, charges, ledgers })).toEqual([]);
  });

  test('holds the shop to its word', () => {
    const told = { ...placed, accepted: { id: ID, status: 'rejected' } };
    expect(checksOf(RIGHT, told)).toEqual(['ends']);
    expect(checksOf(RIGHT, { ...placed, isTakenBack: true })).toEqual(['ends']);
    expect(checksOf(RIGHT, { ...placed, isTakenBack: false })).toEqual([]);
    expect(checksOf(RIGHT, { ...placed, complaints: ['409: another order'] })).toEqual([
      'answered',
    ]);
  });

  test('asks for no entry that the log store has rotated away', () => {
    expect(checksOf({ ...RIGHT, logged: [], loggedSince: 11 })).toEqual([]);
  });
});
