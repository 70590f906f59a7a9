import { expect, test } from 'vitest';

import type { Claim } from '../plan.ts';
import { judgeClaim } from './claims.ts';
import { SEEN } from '../../../test/support/seen-run.ts';

const exactly = (value: number) => ({ comparison: '=' as const, value });

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
])('$0.kind does not hold when it did not, and says what was found', (claim, found) => {
  expect(judgeClaim(claim, SEEN)).toMatchObject({ isMet: false, found });
});

test('what must never happen is told with the time at which it did', () => {
  const check = judgeClaim({ kind: 'never', order: 'good', events: ['charged'] }, SEEN);
  expect(check.atMs).toBe(20);
});
