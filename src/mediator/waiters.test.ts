// Goal: whoever waits is told in time, also when the news of it is lost. Method: a clock moved by hand.
import { expect, test } from 'vitest';

import { handClock } from '../../test/support/hand-clock.ts';
import type { SagaRow } from './saga-row.ts';
import { Waiters } from './waiters.ts';

const rowOf = (status: string): SagaRow => ({ id: 'o1', status }) as SagaRow;
const isConfirmed = ({ status }: SagaRow): boolean => status === 'confirmed';

test('a saga that is far enough wakes those who wait for it, and only them', async () => {
  const waiters = new Waiters({ clock: handClock().clock, findAll: () => Promise.resolve([]) });
  const seen = waiters.wait('o1', isConfirmed, 5_000);
  waiters.wake(rowOf('charging'));
  waiters.wake({ ...rowOf('confirmed'), id: 'o2' });
  expect(waiters.isAwaited('o1')).toBe(true);
  waiters.wake(rowOf('confirmed'));
  expect((await seen)?.status).toBe('confirmed');
  expect(waiters.isAwaited('o1')).toBe(false);
});

test('the end of the wait is told as such', async () => {
  const { clock, pass } = handClock();
  const waiters = new Waiters({ clock, findAll: () => Promise.resolve([]) });
  const seen = waiters.wait('o1', isConfirmed, 500);
  await pass(500);
  expect(await seen).toBeUndefined();
});

test('when the news is lost the row is looked up, again and again', async () => {
  const { clock, pass } = handClock();
  const rows = [rowOf('charging'), rowOf('settling'), rowOf('confirmed')];
  const waiters = new Waiters({ clock, findAll: () => Promise.resolve(rows.splice(0, 1)) });
  const seen = waiters.wait('o1', isConfirmed, 60_000);
  for (let looks = 0; looks < 3; looks++) await pass(1_000);
  expect((await seen)?.status).toBe('confirmed');
  expect(rows).toEqual([]);
});
