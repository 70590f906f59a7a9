import { expect, test } from 'vitest';

import { handClock } from '../../test/support/hand-clock.ts';
import { skewable } from './clock-skew.ts';

test('a skewed clock is wrong about the time of day, right about durations, and right again in time', async () => {
  const { clock: base, pass } = handClock();
  const clock = skewable(base);
  clock.skew(-60_000, 1_000);
  expect([clock.now(), clock.elapsed(), clock.skewMs()]).toEqual([-60_000, 0, -60_000]);
  await pass(999);
  expect(clock.now()).toBe(-59_001);
  await pass(1);
  expect([clock.now(), clock.skewMs()]).toEqual([1_000, 0]);
});

test('the last skew counts, and ends when it was meant to', async () => {
  const { clock: base, pass } = handClock();
  const clock = skewable(base);
  clock.skew(5_000, 100);
  clock.skew(7_000, 1_000);
  await pass(100);
  expect(clock.skewMs()).toBe(7_000);
  clock.correct();
  expect(clock.now()).toBe(100);
});
