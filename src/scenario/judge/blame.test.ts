import { expect, test } from 'vitest';

import { BOOK, PLAN, SEEN } from '../../../test/support/seen-run.ts';
import { judgeInvariants } from './invariants.ts';
import { judgeMessages } from './stack-claims.ts';

test('a book that is out of balance names orders all the same: those that stand come first', () => {
  const seen = { ...SEEN, books: [{ ...BOOK, onHand: 7 }] };
  const check = judgeInvariants(PLAN, seen).find(({ name }) => name === 'stock-balance');
  expect(check).toMatchObject({ isMet: false, orders: ['good', 'bad'] });
});

test('messages that did not come are missed in the trail of any order', () => {
  const amount = { comparison: '>=' as const, value: 1 };
  const messages = { ...SEEN.messages, recorded: 1, duplicatesIgnored: 0 };
  const finding = judgeMessages({ count: 'duplicates-ignored', amount }, { ...SEEN, messages });
  expect(finding).toMatchObject({ isMet: false, found: '0', orders: ['good', 'bad'] });
});
